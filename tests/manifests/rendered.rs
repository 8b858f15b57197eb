//! The manifests as Kubernetes would get them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use serde::Deserialize as _;
use serde_json::Value;

use crate::program::{checker, printed, repository};

/// What each kustomization renders to: the base, every overlay.
pub(crate) static ALL: LazyLock<BTreeMap<String, Rendered>> = LazyLock::new(|| {
    let k8s = repository().join("k8s");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(k8s.join("overlays"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.push(k8s.join("base"));
    let render = |folder: PathBuf| {
        let text = printed(checker("kubectl").arg("kustomize").arg(&folder));
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let resources = documents(&text);
        (name, Rendered { resources })
    };
    folders.into_iter().map(render).collect()
});

/// One of them.
pub(crate) struct Rendered {
    /// Its resources.
    pub(crate) resources: Vec<Value>,
}

impl Rendered {
    /// The overlay or base of that name.
    pub(crate) fn of(name: &str) -> &'static Self {
        &ALL[name]
    }

    /// Its resources of a kind, by name.
    pub(crate) fn kind(&self, kind: &str) -> BTreeMap<&str, &Value> {
        let of_kind = self.resources.iter().filter(|it| it["kind"] == kind);
        of_kind.map(|it| (name(it), it)).collect()
    }

    /// The Deployments of our services.
    pub(crate) fn services(&self) -> BTreeMap<&str, &Value> {
        let mut deployments = self.kind("Deployment");
        deployments.retain(|_, it| part_of(it) == "dojo-notify");
        deployments
    }
}

/// The documents of a YAML text.
pub(crate) fn documents(text: &str) -> Vec<Value> {
    serde_norway::Deserializer::from_str(text)
        .map(|document| Value::deserialize(document).unwrap())
        .filter(|document| !document.is_null())
        .collect()
}

/// A resource's name.
pub(crate) fn name(resource: &Value) -> &str {
    resource["metadata"]["name"].as_str().unwrap()
}

/// What a resource is part of, by its label.
pub(crate) fn part_of(resource: &Value) -> &str {
    let label = &resource["metadata"]["labels"]["app.kubernetes.io/part-of"];
    label.as_str().unwrap_or_default()
}

/// The members of a list, none if there is no list.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A resource in words.
pub(crate) fn described(resource: &Value) -> String {
    format!("{} {}", resource["kind"].as_str().unwrap(), name(resource))
}

/// The container of a service's Deployment.
pub(crate) fn container(deployment: &Value) -> &Value {
    let containers = list(&deployment["spec"]["template"]["spec"]["containers"]);
    assert_eq!(containers.len(), 1, "{}", described(deployment));
    &containers[0]
}

/// The program that a container runs.
pub(crate) fn program(container: &Value) -> &str {
    let path = container["command"][0].as_str().unwrap();
    path.strip_prefix("/usr/local/bin/").expect(path)
}

/// The environment that a container is given by name.
pub(crate) fn environment(container: &Value) -> BTreeMap<&str, &str> {
    list(&container["env"])
        .iter()
        .map(|one| {
            (
                one["name"].as_str().unwrap(),
                one["value"].as_str().unwrap(),
            )
        })
        .collect()
}

/// The variables that all services share.
pub(crate) fn shared_environment(rendered: &Rendered) -> BTreeMap<&str, &str> {
    let maps = rendered.kind("ConfigMap");
    let (_, map) = maps
        .iter()
        .find(|(name, map)| {
            name.starts_with("dojo-notify-") && map["data"]["DD_LOG_FORMAT"] != Value::Null
        })
        .expect("the ConfigMap of all services");
    let data = map["data"].as_object().unwrap();
    data.iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect()
}

// Shows openapi.json: resources, their operations, and what each reads and writes.
"use strict";

const element = (name, text, ...children) => {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
};

// What a schema says, with what it refers to in its place, and only so deep.
const shown = (schema, all, depth = 0) => {
  if (schema?.$ref) {
    const name = schema.$ref.split("/").pop();
    return depth > 3 ? name : shown(all[name], all, depth + 1);
  }
  if (Array.isArray(schema)) return schema.map((part) => shown(part, all, depth));
  if (schema === null || typeof schema !== "object") return schema;
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, shown(value, all, depth)]));
};

const body = (title, content, all) => {
  const schema = content?.["application/json"]?.schema;
  if (!schema) return [];
  return [element("h3", title), element("pre", JSON.stringify(shown(schema, all), null, 2))];
};

const operation = (path, method, it, all) => {
  const line = element("summary", "", element("b", method.toUpperCase()), element("code", path), element("span", it.summary));
  const parameters = element("dl");
  for (const parameter of it.parameters ?? []) {
    parameters.append(element("dt", parameter.name), element("dd", parameter.description ?? "in the path"));
  }
  const [status, success] = Object.entries(it.responses).find(([code]) => code.startsWith("2"));
  return element("details", "", line, parameters,
    ...body("Send", it.requestBody?.content, all), ...body(`Answer, ${status}`, success.content, all));
};

const show = (description) => {
  const byTag = new Map();
  for (const [path, methods] of Object.entries(description.paths)) {
    for (const [method, it] of Object.entries(methods)) {
      const tag = it.tags[0];
      if (!byTag.has(tag)) byTag.set(tag, []);
      byTag.get(tag).push(operation(path, method, it, description.components.schemas));
    }
  }
  const links = element("ul");
  const main = document.getElementById("operations");
  main.replaceChildren();
  for (const [tag, operations] of byTag) {
    const link = element("a", tag);
    link.href = `#${tag}`;
    links.append(element("li", "", link));
    const title = element("h2", tag);
    title.id = tag;
    main.append(title, ...operations);
  }
  document.getElementById("resources").replaceChildren(links);
};

fetch("/api/v2/openapi.json")
  .then((answer) => answer.json())
  .then(show)
  .catch((problem) => document.getElementById("operations").replaceChildren(element("p", `It cannot be read: ${problem}`)));

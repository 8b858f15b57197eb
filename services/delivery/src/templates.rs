//! Templates in force: those built in, in their place what people wrote on a page, and in the place
//! of both the operator's files (`DD_TEMPLATE_DIR`). What cannot be used leaves the one below it in
//! force.
//!
//! | module | what it is for |
//! |---|---|
//! | `folder` | the operator's files |
//! | `follow` | reads both again when they change |

mod folder;
mod follow;

use std::collections::BTreeMap;
use std::path::Path;

use messages::{MessageError, Templates};
use store::StoredTemplate;

use folder::TemplateFolder;
pub(crate) use follow::follow;

/// Where a template in force comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It came with the release.
    BuiltIn,
    /// Somebody wrote it on a page.
    Stored,
    /// It is a file of the operator's.
    File,
}

impl Origin {
    /// The word in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BuiltIn => "built_in",
            Self::Stored => "stored",
            Self::File => "file",
        }
    }
}

/// The templates in force, and where each is from.
#[derive(Clone, Debug)]
pub struct InForce {
    /// The templates.
    pub templates: Templates,
    /// Those that are not built in.
    origins: BTreeMap<String, Origin>,
    /// What is wrong with stored ones that cannot be used, by file.
    pub broken: BTreeMap<String, String>,
}

impl InForce {
    /// Where the template of a file is from.
    #[must_use]
    pub fn origin(&self, file: &str) -> Origin {
        self.origins.get(file).copied().unwrap_or(Origin::BuiltIn)
    }
}

/// The templates in force where this is the operator's folder, as read now, and these are stored.
///
/// # Errors
/// If the folder cannot be read, or one of its files cannot be used.
pub fn in_force(folder: Option<&Path>, stored: &[StoredTemplate]) -> anyhow::Result<InForce> {
    let mut shelf = Shelf::open(folder)?;
    stored.clone_into(&mut shelf.stored);
    Ok(shelf.in_force()?)
}

/// What templates are made of besides those built in, as last read.
#[derive(Clone, Default)]
pub(crate) struct Shelf {
    folder: Option<TemplateFolder>,
    stored: Vec<StoredTemplate>,
}

impl Shelf {
    /// Reads the folder for the first time; what is stored is not looked at.
    ///
    /// # Errors
    /// If the folder cannot be read, or one of its files cannot be used.
    pub(crate) fn open(folder: Option<&Path>) -> anyhow::Result<Self> {
        Ok(Self {
            folder: folder.map(TemplateFolder::open).transpose()?,
            stored: Vec::new(),
        })
    }

    /// Puts one upon the other.
    ///
    /// # Errors
    /// If a built-in template or a good file cannot be used; both were tried before.
    pub(crate) fn in_force(&self) -> Result<InForce, MessageError> {
        let none = BTreeMap::new();
        let files = self.folder.as_ref().map_or(&none, TemplateFolder::good);
        let mut templates = Templates::built_in()?;
        let (mut origins, mut broken) = (BTreeMap::new(), BTreeMap::new());
        for StoredTemplate { file, source, .. } in &self.stored {
            match templates.replace(file, source) {
                Ok(()) => origins.insert(file.clone(), Origin::Stored),
                // One that a former release took.
                Err(problem) => {
                    broken.insert(file.clone(), problem.to_string());
                    continue;
                }
            };
        }
        for (file, source) in files {
            templates.replace(file, source)?;
            origins.insert(file.clone(), Origin::File);
        }
        Ok(InForce {
            templates,
            origins,
            broken,
        })
    }
}

//! Who may view what an event is about: access is judged for the recipient, never for whoever
//! caused the event (DefectDojo `user/queries.py`, its last revision with roles).

use crate::directory::{Directory, UserIndex};
use crate::facts::Facts;

/// Who may view an object: the union of sorted lists, kept apart so that a user who gains a
/// global role or a product type does not touch every product's list.
#[derive(Clone, Copy)]
pub(crate) struct Viewers<'d>([&'d [UserIndex]; 3]);

/// What access to an event depends on.
pub(crate) enum Object<'d> {
    /// A product or product type, known or not.
    Viewable(Viewers<'d>),
    /// The event names neither.
    Unnamed,
}

impl<'d> Object<'d> {
    /// The object of an event. A product that the directory does not hold is decided with what
    /// the event itself says, which is its product type.
    pub(crate) fn of(directory: &'d Directory, facts: &Facts<'_>) -> Self {
        if facts.product.is_none() && facts.product_type.is_none() {
            return Self::Unnamed;
        }
        let known = facts.product.and_then(|id| directory.product_entry(id));
        let (members, product_type) = match known {
            Some(entry) => (entry.members.as_slice(), Some(entry.product_type)),
            None => (&[][..], facts.product_type),
        };
        let type_members = product_type.map_or(&[][..], |id| directory.product_type_members(id));
        Self::Viewable(Viewers([
            directory.view_everything(),
            members,
            type_members,
        ]))
    }

    /// Who hears of a broadcast about it; superusers alone if there is no object.
    pub(crate) fn audience(&self, directory: &'d Directory) -> Viewers<'d> {
        match self {
            Self::Viewable(viewers) => *viewers,
            Self::Unnamed => Viewers([directory.superusers(), &[], &[]]),
        }
    }

    /// Whether the user may view it; nothing is hidden where there is no object.
    pub(crate) fn is_open_to(&self, user: UserIndex) -> bool {
        match self {
            Self::Viewable(Viewers(lists)) => {
                lists.iter().any(|list| list.binary_search(&user).is_ok())
            }
            Self::Unnamed => true,
        }
    }
}

impl Iterator for Viewers<'_> {
    type Item = UserIndex;

    /// The next user in order of index; one who is in several lists comes once.
    fn next(&mut self) -> Option<UserIndex> {
        let least = *self.0.iter().filter_map(|list| list.first()).min()?;
        for list in &mut self.0 {
            if let [first, rest @ ..] = list
                && *first == least
            {
                *list = rest;
            }
        }
        Some(least)
    }
}

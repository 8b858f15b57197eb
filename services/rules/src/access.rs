//! Who may view what an event is about: access is judged for the recipient, never for whoever
//! caused the event (DefectDojo `user/queries.py`, its last revision with roles).

use crate::directory::{Directory, Links, Members};
use crate::facts::Facts;

/// How somebody comes to view an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// A superuser, or a global role of their own.
    Everything,
    /// The global role of a group, by its id.
    GlobalGroup(i64),
    /// A membership of the product.
    Product(i64),
    /// A membership of the product's type.
    ProductType(i64),
    /// A group's membership of the product.
    ProductGroup {
        /// The product's id.
        product: i64,
        /// The group's id.
        group: i64,
    },
    /// A group's membership of the product's type.
    ProductTypeGroup {
        /// The product type's id.
        product_type: i64,
        /// The group's id.
        group: i64,
    },
}

/// What access to an event depends on.
pub(crate) enum Object<'d> {
    /// A product or product type, known or not, with who may view it in which way: lists that
    /// are kept apart, so that a change of a group or a product type changes one of them.
    Viewable(Vec<(Way, &'d Links)>),
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
        let product = facts
            .product
            .and_then(|id| Some((id, directory.product_entry(id)?)));
        let product_type =
            product.map_or(facts.product_type, |(_, entry)| Some(entry.product_type));
        let mut ways = Ways {
            directory,
            lists: vec![(Way::Everything, directory.overseers())],
        };
        for group in directory.global_groups() {
            ways.group(Way::GlobalGroup(*group), *group);
        }
        if let Some((product, entry)) = product {
            let through = |group| Way::ProductGroup { product, group };
            ways.members(&entry.members, Way::Product(product), through);
        }
        if let Some((id, members)) =
            product_type.and_then(|id| Some((id, directory.product_type_members(id)?)))
        {
            let through = |group| Way::ProductTypeGroup {
                product_type: id,
                group,
            };
            ways.members(members, Way::ProductType(id), through);
        }
        Self::Viewable(ways.lists)
    }

    /// Who hears of a broadcast about it, by id, each once; superusers alone if there is no
    /// object. Among them may be people whom the directory does not hold.
    pub(crate) fn audience(&self, directory: &Directory) -> Vec<i64> {
        let lists: Vec<&Links> = match self {
            Self::Viewable(ways) => ways.iter().map(|(_, links)| *links).collect(),
            Self::Unnamed => vec![directory.superusers()],
        };
        let mut audience = Vec::with_capacity(lists.iter().map(|links| links.ids().len()).sum());
        for links in lists {
            audience.extend(links.ids());
        }
        // The lists are sorted already, and the sort makes use of that.
        audience.sort();
        audience.dedup();
        audience
    }

    /// The first way in which the user may view it, if they may.
    pub(crate) fn way(&self, user: i64) -> Option<Way> {
        let Self::Viewable(ways) = self else {
            return None;
        };
        let mut open = ways.iter().filter(|(_, links)| links.contain(user));
        open.next().map(|(way, _)| *way)
    }

    /// Whether the user may view it; nothing is hidden where there is no object.
    pub(crate) fn is_open_to(&self, user: i64) -> bool {
        matches!(self, Self::Unnamed) || self.way(user).is_some()
    }
}

/// Ways to an object, while they are gathered.
struct Ways<'d> {
    directory: &'d Directory,
    lists: Vec<(Way, &'d Links)>,
}

impl<'d> Ways<'d> {
    fn group(&mut self, way: Way, group: i64) {
        let entry = self.directory.group(group);
        self.lists.extend(entry.map(|entry| (way, &entry.users)));
    }

    /// Members themselves, then through their groups; a group with two memberships once.
    fn members(&mut self, members: &'d Members, direct: Way, through: impl Fn(i64) -> Way) {
        self.lists.push((direct, &members.users));
        let mut last = None;
        for group in members.groups.ids() {
            if last.replace(group) != Some(group) {
                self.group(through(group), group);
            }
        }
    }
}

//! The table of who received what through which channel.

use std::collections::BTreeMap;
use std::sync::Arc;

use comfy_table::{Attribute, Cell, CellAlignment, Color, ColumnConstraint, Table};
use proto_events::directory::{RuleChannels, RuleScope, User};
use proto_events::{Channel, Column};
use store::LedgerEntry;

use super::directory::Directory;
use super::people::{People, Who};
use crate::screen::{TABLE, printable};
use crate::stage::receivers::Received;

/// The width from which on there is room to say who people are.
const WIDE: u16 = 100;

/// How many messages each person received through each channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<(Who, Channel), usize>);

impl Tally {
    /// Counts what the receivers took; alerts, which people read in DefectDojo's pages,
    /// are counted where those read them.
    #[must_use]
    pub fn of(received: &[Arc<Received>], people: &People, ledger: &[LedgerEntry]) -> Self {
        let taken = received
            .iter()
            .filter(|message| message.accepted)
            .filter_map(|message| Some((people.whose(message)?, message.channel)));
        let alerts = ledger
            .iter()
            .filter(|entry| entry.channel == Channel::Alert)
            .map(|entry| (entry.recipient.clone(), Channel::Alert));
        let mut counts = BTreeMap::new();
        for key in taken.chain(alerts) {
            *counts.entry(key).or_default() += 1;
        }
        Self(counts)
    }

    fn count(&self, who: &Who, channel: Channel) -> usize {
        self.0
            .get(&(who.clone(), channel))
            .copied()
            .unwrap_or_default()
    }
}

/// The people of a directory, in its order, the system first.
pub struct Board {
    rows: Vec<Row>,
}

struct Row {
    who: Who,
    name: String,
    remark: String,
}

impl Board {
    /// A board for everybody in a directory.
    #[must_use]
    pub fn of(directory: &Directory) -> Self {
        let system = Row {
            who: None,
            name: "System".to_owned(),
            remark: "the organisation itself".to_owned(),
        };
        let people = directory.users.iter().map(|user| Row {
            who: Some(user.username.clone()),
            name: user.username.clone(),
            remark: remark(user, directory),
        });
        Self {
            rows: std::iter::once(system).chain(people).collect(),
        }
    }

    /// The board with its numbers. Where it is narrow, who the people are is left out.
    #[must_use]
    pub fn table(&self, tally: &Tally, width: u16, colour: bool) -> Table {
        let mut table = Table::new();
        table.load_style(TABLE);
        if colour {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        let head = [
            "received by",
            "who",
            "Alert",
            "Mail",
            "Slack",
            "Teams",
            "Webhook",
        ];
        table.set_header(head.map(|title| Cell::new(title).add_attribute(Attribute::Bold)));
        for row in &self.rows {
            let counts = Channel::ALL.map(|channel| number(tally.count(&row.who, channel)));
            let remark = Cell::new(printable(&row.remark)).fg(Color::DarkGrey);
            let name = Cell::new(printable(&row.name));
            table.add_row([name, remark].into_iter().chain(counts));
        }
        let totals = Channel::ALL.map(|channel| {
            let total = self
                .rows
                .iter()
                .map(|row| tally.count(&row.who, channel))
                .sum();
            number(total).add_attribute(Attribute::Bold)
        });
        let title = Cell::new("Everybody").add_attribute(Attribute::Bold);
        table.add_row([title, Cell::new("")].into_iter().chain(totals));
        for column in table.column_iter_mut().skip(2) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        if let (true, Some(who)) = (width < WIDE, table.column_mut(1)) {
            who.set_constraint(ColumnConstraint::Hidden);
        }
        table
    }
}

fn number(count: usize) -> Cell {
    match count {
        0 => Cell::new("·").fg(Color::DarkGrey),
        _ => Cell::new(count).fg(Color::Green),
    }
}

/// What makes a user special.
fn remark(user: &User, directory: &Directory) -> String {
    let groups = directory
        .group_members
        .iter()
        .filter(|member| member.user == user.id)
        .filter_map(|member| {
            directory
                .groups
                .iter()
                .find(|group| group.id == member.group)
        })
        .map(|group| format!("in {}", group.name));
    let silent = directory.rules.iter().any(|rule| {
        rule.scope == (RuleScope::Personal { user: user.id }) && rule.channels == RuleChannels::NONE
    });
    let only_here = directory.rules.iter().any(|rule| {
        matches!(rule.scope, RuleScope::Product { user: id, .. } if id == user.id)
            && Column::ALL
                .iter()
                .any(|column| !rule.channels.get(*column).is_empty())
    });
    let traits = [
        (!user.active, "inactive"),
        (user.superuser, "superuser"),
        (silent, "wants nothing"),
        (only_here, "product rule"),
        (user.email.is_empty(), "no address"),
        (user.email.starts_with("reject"), "mailbox gone"),
    ];
    let role = user
        .global_role
        .map(|role| format!("global {}", role.as_str()));
    let traits = traits
        .into_iter()
        .filter(|(has, _)| *has)
        .map(|(_, word)| word.to_owned());
    traits
        .chain(role)
        .chain(groups)
        .collect::<Vec<_>>()
        .join(", ")
}

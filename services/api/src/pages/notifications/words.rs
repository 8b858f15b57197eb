//! What the columns mean.

use proto_events::Column;

/// What an event of a column tells of, in a sentence.
pub(super) const fn help(column: Column) -> &'static str {
    match column {
        Column::ProductTypeAdded => "There is a new product type.",
        Column::ProductAdded => "There is a new product.",
        Column::EngagementAdded => "A product has a new engagement.",
        Column::TestAdded => "An engagement has a new test.",
        Column::ScanAdded => {
            "A scan was imported and changed something: findings are new, are back, or are gone."
        }
        Column::ScanAddedEmpty => {
            "A scan was imported and changed nothing. Where scans run daily, that is most of them."
        }
        Column::JiraUpdate => {
            "DefectDojo and JIRA could not agree, for instance an issue could not be made."
        }
        Column::UpcomingEngagement => "An engagement that you lead begins in a few days.",
        Column::StaleEngagement => {
            "The end of an engagement that you lead is past, and it is still in progress."
        }
        Column::AutoCloseEngagement => {
            "An engagement that you lead was closed because its time is long over."
        }
        Column::CloseEngagement => "Somebody closed an engagement.",
        Column::UserMentioned => "Somebody wrote your name with an @ in a note.",
        Column::CodeReview => {
            "A code review. DefectDojo knows the choice, and sends nothing that follows it today."
        }
        Column::ReviewRequested => "Somebody asks you to look at a finding.",
        Column::Other => {
            "Everything without a line of its own: engagements that are opened again, findings that are added \
             or deleted, what other programs publish."
        }
        Column::SlaBreach => {
            "The time to mend a finding is over, or soon will be. One message for each finding."
        }
        Column::RiskAcceptanceExpiration => {
            "An accepted risk is accepted no longer, or soon will not be."
        }
        Column::SlaBreachCombined => {
            "As SLA breach, with all findings of a product in one message."
        }
    }
}

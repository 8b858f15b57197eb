//! What a Teams address tells by its form.

use teams_sender::address::Behind;

#[test]
fn the_form_of_an_address_tells_what_stands_behind_it() {
    let table = [
        (
            "https://default0a1b.4c.environment.api.powerplatform.com:443/powerautomate/x?sig=s",
            Behind::Workflow,
        ),
        (
            "https://prod-12.westeurope.logic.azure.com:443/workflows/0a/triggers/manual",
            Behind::OldWorkflow,
        ),
        (
            "https://hafen.webhook.office.com/webhookb2/0a@1b/IncomingWebhook/2c/3d",
            Behind::Connector,
        ),
        (
            "https://HAFEN.Webhook.Office.COM/webhookb2/0a",
            Behind::Connector,
        ),
        (
            "https://outlook.office.com/webhook/0a@1b/IncomingWebhook/2c/3d",
            Behind::Connector,
        ),
        (
            "https://outlook.office365.com/webhook/0a",
            Behind::Connector,
        ),
        (
            "https://relay.hafen.example/?to=https://hafen.webhook.office.com/",
            Behind::Workflow,
        ),
        (
            "https://nothafenwebhook.office.com.evil.example/",
            Behind::Workflow,
        ),
        ("https://mylogic.azure.com/", Behind::Workflow),
        ("not an address", Behind::Workflow),
    ];
    for (address, behind) in table {
        assert_eq!(Behind::of(address), behind, "{address}");
    }
}

#[test]
fn only_addresses_that_microsoft_retires_are_warned_of() {
    assert_eq!(Behind::Workflow.warning(), None);
    for retired in [Behind::OldWorkflow, Behind::Connector] {
        assert!(
            retired
                .warning()
                .is_some_and(|it| it.contains("docs/teams.md"))
        );
    }
}

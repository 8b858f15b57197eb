//! Links to the pages, for whoever wants to look around in a browser.

use anyhow::Context;
use console::style;
use secrecy::ExposeSecret;

use super::play::Demo;
use crate::screen::Screen;

impl Demo {
    /// Says where the pages are, with a link that signs somebody in: one for a superuser, one for
    /// somebody who is none. The token stands behind `#`, which a browser sends to nobody.
    ///
    /// # Errors
    /// If the database is away, or the demo's organisation has no such people.
    pub(super) async fn tell_pages(&self, screen: &Screen) -> anyhow::Result<()> {
        let url = self.api.url();
        screen.title(&format!("All of it in a browser: {url}"))?;
        for (who, is_superuser) in [
            ("who may see everything", true),
            ("a member of some products", false),
        ] {
            let mut people = self.directory.users.iter();
            let somebody = people.find(|user| user.active && user.superuser == is_superuser);
            let name = &somebody.context("nobody in the demo may sign in")?.username;
            let made = self.world.store().create_token(name, "demo").await?;
            let (_, token) = made.context("the demo's people are not in its database")?;
            let link = format!("{url}/sign-in#token={}", token.expose_secret());
            screen.say(&format!("  as {name}, {who}:\n    {}", style(link).cyan()))?;
        }
        screen.say(&format!("  for programs: {url}/api/docs"))
    }
}

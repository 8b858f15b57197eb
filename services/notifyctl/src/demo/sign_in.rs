//! Links to the pages, for whoever wants to look around in a browser.

use anyhow::Context;
use console::style;
use secrecy::ExposeSecret;

use super::play::Demo;
use crate::screen::Screen;

impl Demo {
    /// Links that sign somebody in: a superuser first, then somebody who is none. The token stands
    /// behind `#`, which a browser sends to nobody.
    ///
    /// # Errors
    /// If the database is away, or the demo's organisation has no such people.
    pub async fn sign_in_links(&self) -> anyhow::Result<Vec<(String, String)>> {
        let mut links = Vec::new();
        for is_superuser in [true, false] {
            let mut people = self.directory.users.iter();
            let somebody = people.find(|user| user.active && user.superuser == is_superuser);
            let name = &somebody.context("nobody in the demo may sign in")?.username;
            let made = self.world.store().create_token(name, "demo").await?;
            let (_, token) = made.context("the demo's people are not in its database")?;
            let link = format!("{}/sign-in#token={}", self.url(), token.expose_secret());
            links.push((name.clone(), link));
        }
        Ok(links)
    }

    /// The address of the pages.
    #[must_use]
    pub fn url(&self) -> String {
        self.api.url()
    }

    /// Says where the pages are, with links that sign somebody in.
    pub(super) async fn tell_pages(&self, screen: &Screen) -> anyhow::Result<()> {
        let url = self.url();
        screen.title(&format!("All of it in a browser: {url}"))?;
        let who = ["who may see everything", "who may see some products"];
        for ((name, link), who) in self.sign_in_links().await?.into_iter().zip(who) {
            screen.say(&format!("  as {name}, {who}:\n    {}", style(link).cyan()))?;
        }
        screen.say(&format!("  for programs: {url}/api/docs"))
    }
}

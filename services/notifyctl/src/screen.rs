//! Progress, on a terminal and elsewhere. Colour and redrawing only on a terminal.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::{DateTime, Utc};
use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};
use console::{Term, style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use proto_events::shown::is_order;

/// How often a step that takes its time says so, where nothing can be redrawn.
const PATIENCE: Duration = Duration::from_secs(2);

/// How tables look: a line below the titles, and nothing else.
pub(crate) const TABLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// Width where there is no terminal.
const WIDTH: u16 = 100;

/// Standard output.
pub struct Screen {
    term: Term,
}

/// A part of the screen that is drawn again and again.
pub struct Redrawn<'s> {
    screen: &'s Screen,
    lines: usize,
    said: Option<(Instant, String)>,
}

impl Default for Screen {
    fn default() -> Self {
        Self::new()
    }
}

impl Screen {
    /// The screen of this process.
    #[must_use]
    pub fn new() -> Self {
        Self {
            term: Term::stdout(),
        }
    }

    /// Whether there is somebody to redraw for.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.term.is_term()
    }

    /// Whether to use colours: on a terminal, unless `NO_COLOR` is set.
    #[must_use]
    pub fn has_colour(&self) -> bool {
        self.is_terminal() && console::colors_enabled()
    }

    /// Width in characters.
    #[must_use]
    pub fn width(&self) -> u16 {
        if self.is_terminal() {
            self.term.size().1
        } else {
            WIDTH
        }
    }

    /// Writes a line.
    ///
    /// # Errors
    /// If nobody reads it any more.
    pub fn say(&self, line: &str) -> anyhow::Result<()> {
        (&self.term)
            .write_all(format!("{line}\n").as_bytes())
            .context("cannot write to standard output")
    }

    /// Writes the title of a part.
    ///
    /// # Errors
    /// If nobody reads it any more.
    pub fn title(&self, title: &str) -> anyhow::Result<()> {
        self.say(&format!("\n{}", style(title).bold()))
    }

    /// Text in lines that fit beside a margin of so many columns, broken at blanks where
    /// there are any.
    #[must_use]
    pub fn wrapped(&self, text: &str, margin: usize) -> Vec<String> {
        wrapped(
            text,
            usize::from(self.width()).saturating_sub(margin + 1).max(1),
        )
    }

    /// A table without rows, as wide as the screen. Elsewhere its lines are whole, for whoever looks
    /// for an id in them.
    #[must_use]
    pub(crate) fn table<const N: usize>(&self, titles: [&str; N]) -> Table {
        let mut table = Table::new();
        table.load_style(TABLE);
        table.force_no_tty();
        if self.is_terminal() {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(self.width());
        } else {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
        table.set_header(titles);
        for column in table.column_iter_mut() {
            column.set_padding((0, 1));
        }
        table
    }

    /// Does a step, and shows that it goes on while it does.
    ///
    /// # Errors
    /// Those of the step.
    pub async fn step<T>(
        &self,
        what: &str,
        work: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        let started = Instant::now();
        let spinner = self.spinner(what)?;
        tokio::pin!(work);
        let result = loop {
            tokio::select! {
                result = &mut work => break result,
                () = tokio::time::sleep(PATIENCE) => if !self.is_terminal() {
                    self.say(&format!("  … {what}: {} s", started.elapsed().as_secs()))?;
                },
            }
        };
        spinner.finish_and_clear();
        let took = started.elapsed().as_secs_f64();
        match result {
            Ok(value) => {
                let took = style(format!("{took:.1} s")).dim();
                self.say(&format!("{} {what} {took}", style("✓").green()))?;
                Ok(value)
            }
            Err(error) => {
                self.say(&format!("{} {what}", style("✗").red()))?;
                Err(error)
            }
        }
    }

    fn spinner(&self, what: &str) -> anyhow::Result<ProgressBar> {
        if !self.is_terminal() {
            return Ok(ProgressBar::hidden());
        }
        let spinner = ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout());
        spinner.set_style(ProgressStyle::with_template(
            "{spinner:.cyan} {msg} {elapsed:.dim}",
        )?);
        spinner.set_message(what.to_owned());
        spinner.enable_steady_tick(Duration::from_millis(100));
        Ok(spinner)
    }

    /// A part to draw again and again.
    #[must_use]
    pub const fn redrawn(&self) -> Redrawn<'_> {
        Redrawn {
            screen: self,
            lines: 0,
            said: None,
        }
    }
}

impl Redrawn<'_> {
    /// Draws the picture over the one before, with a line of status below. Where that
    /// cannot be done, the status is said about once a second, if it is another one.
    ///
    /// # Errors
    /// If nobody reads it any more.
    pub fn draw(&mut self, picture: &str, status: &str) -> anyhow::Result<()> {
        let height = self.screen.term.size().0;
        let width = usize::from(self.screen.width()).saturating_sub(3);
        let status = console::truncate_str(status, width, "…");
        let text = format!("{picture}\n{status}");
        let fits = text.lines().count() < usize::from(height);
        if self.screen.is_terminal() && fits {
            self.clear()?;
            self.lines = text.lines().count();
            return self.screen.say(&text);
        }
        let news = match &self.said {
            None => true,
            Some((at, said)) => at.elapsed() >= Duration::from_secs(1) && *said != status,
        };
        if news {
            self.screen.say(&format!("  {status}"))?;
            self.said = Some((Instant::now(), status.into_owned()));
        }
        Ok(())
    }

    /// Takes the picture away.
    ///
    /// # Errors
    /// If nobody reads it any more.
    pub fn clear(&mut self) -> anyhow::Result<()> {
        let lines = std::mem::take(&mut self.lines);
        Ok(self.screen.term.clear_last_lines(lines)?)
    }
}

/// A time as people read it, in UTC.
#[must_use]
pub(crate) fn time(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Text of others as a terminal may show it, in one line: what would move the cursor, change a
/// colour or turn other text is replaced.
#[must_use]
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|letter| if is_order(letter) { '\u{fffd}' } else { letter })
        .collect()
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for letter in text.chars() {
        line.push(letter);
        if console::measure_text_width(&line) > width {
            let end = line
                .rfind(' ')
                .map_or(line.len() - letter.len_utf8(), |blank| blank + 1);
            let rest = line.split_off(end);
            lines.push(line.trim_end().to_owned());
            line = rest;
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_broken_at_blanks_and_longer_words_where_they_end_the_line() {
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
        assert_eq!(wrapped("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrapped("港湾 港湾", 4), ["港湾", "港湾"]);
        assert_eq!(wrapped("", 5), [""]);
    }

    #[test]
    fn text_of_others_can_neither_move_the_cursor_nor_turn_other_text() {
        assert_eq!(
            printable("a\u{1b}[2Jb\rc\u{202e}d"),
            "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d"
        );
    }
}

//! The log of the directory's changes, which whoever keeps up is told from.

mod pruning;
mod telling;

use proto_events::directory::Delta;
use store::{DirectoryReader, Moment, News, Scratch};

/// A reader that keeps up.
struct Following {
    reader: DirectoryReader,
    moment: Moment,
}

impl Following {
    async fn from_now(scratch: &Scratch) -> Self {
        let mut reader = scratch.store().directory_reader();
        let (_, moment) = reader.load().await.unwrap();
        Self { reader, moment }
    }

    async fn news(&mut self) -> News {
        let (news, moment) = self.reader.news(&self.moment).await.unwrap();
        self.moment = moment;
        news
    }

    /// What changed since the last look; an empty one if nothing did.
    async fn delta(&mut self) -> Delta {
        match self.news().await {
            News::None => Delta::default(),
            News::Delta(delta) => *delta,
            News::Unknown(why) => panic!("the log does not tell: {why}"),
        }
    }

    async fn is_told_nothing(&mut self) -> bool {
        matches!(self.news().await, News::None)
    }
}

//! Dead letters on their way to the database.

use chassis::broker::Ack;
use chassis::health::Part;
use chassis::reconnect::until_ok;
use store::{DeadLetter, Store};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::sync::CancellationToken;

use crate::statement::groups;

/// How many letters are filed together at most.
const TOGETHER: usize = 256;

/// Files what nobody can read.
#[derive(Clone)]
pub(crate) struct Filing {
    pub(crate) store: Store,
    pub(crate) database: Part,
}

impl Filing {
    /// Files letters beside the chunks that they came in, as many together as came while the last
    /// ones were filed, and tells the broker so; until the last sender is gone. How many wait is
    /// bounded by what the broker hands out before it is acknowledged.
    pub(crate) async fn run(self, mut given_up: UnboundedReceiver<(DeadLetter, Ack)>) {
        let mut batch = Vec::with_capacity(TOGETHER);
        while given_up.recv_many(&mut batch, TOGETHER).await > 0 {
            let (letters, acks): (Vec<_>, Vec<_>) = batch.drain(..).unzip();
            self.file(&letters).await;
            acks.into_iter().for_each(Ack::ack);
        }
    }

    /// Files letters until they are filed.
    pub(crate) async fn file(&self, letters: &[DeadLetter]) {
        let never = CancellationToken::new();
        for group in groups(letters, |letter| letter.body.len()) {
            until_ok(&self.database, &never, || {
                self.store.file_dead_letters(group)
            })
            .await;
        }
    }
}

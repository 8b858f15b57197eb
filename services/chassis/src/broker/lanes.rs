//! The channels of a publishing session, for one batch each at a time.
//!
//! lapin hangs a returned message on whichever confirm comes next on its channel, so two
//! batches must not share one. With two channels the broker has work while the last
//! confirms of a batch are still on their way.

use std::sync::{Mutex, MutexGuard, PoisonError};

use lapin::Channel;
use lapin::options::ConfirmSelectOptions;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::session::{BrokerError, Session};

/// How many batches are on their way at once.
const LANES: usize = 2;

/// The channels of a session that nobody publishes on now.
pub(super) struct Lanes {
    free: Semaphore,
    channels: Mutex<Vec<Channel>>,
}

/// A channel that is one batch's alone, until this is dropped.
pub(super) struct Lane<'a> {
    lanes: &'a Lanes,
    channel: Channel,
    // Given back after the channel.
    _permit: SemaphorePermit<'a>,
}

impl Lanes {
    /// Opens the channels of a session, with confirms.
    ///
    /// # Errors
    /// [`BrokerError`] if the broker refuses or does not answer.
    pub(super) async fn open(session: &Session) -> Result<Self, BrokerError> {
        let mut channels = vec![session.channel.clone()];
        while channels.len() < LANES {
            let channel = session.connection.create_channel();
            channels.push(session.step("open another channel", channel).await?);
        }
        for channel in &channels {
            let confirms = channel.confirm_select(ConfirmSelectOptions::default());
            session.step("switch on confirms", confirms).await?;
        }
        Ok(Self {
            free: Semaphore::new(LANES),
            channels: Mutex::new(channels),
        })
    }

    /// A channel, as soon as one is free; none only after a fault of ours.
    pub(super) async fn enter(&self) -> Option<Lane<'_>> {
        let permit = self.free.acquire().await.ok()?;
        let channel = self.channels().pop()?;
        Some(Lane {
            lanes: self,
            channel,
            _permit: permit,
        })
    }

    fn channels(&self) -> MutexGuard<'_, Vec<Channel>> {
        // A list of channels is whole whenever its lock is free.
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lane<'_> {
    pub(super) const fn channel(&self) -> &Channel {
        &self.channel
    }
}

impl Drop for Lane<'_> {
    fn drop(&mut self) {
        self.lanes.channels().push(self.channel.clone());
    }
}

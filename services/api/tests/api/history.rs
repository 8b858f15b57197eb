//! Events that happened: decided, attempted, alerted, parked, given up, without the services that do it.

use chrono::{DateTime, TimeDelta, Utc};
use proto_events::outcome::State;
use proto_events::{Address, Channel, JobId, Reason, Recipient, Service, Target, ids};
use serde_json::{Value, json, value::to_raw_value};
use std::time::Duration;
use store::{
    Attempt, DeadLetter, EventRecord, Finished, Letter, NewAlert, Parked, Pause, Settlement,
};

use crate::desk::Desk;

/// The system that publishes.
pub(crate) const SOURCE: &str = "https://dojo.hafen.example/?a=1&b=2";

/// An event of an id, with a title.
pub(crate) struct Happened<'d> {
    pub(crate) desk: &'d Desk,
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
}

impl Happened<'_> {
    pub(crate) fn body(&self) -> String {
        json!({"specversion": "1.0", "id": self.id, "source": SOURCE, "type": "com.defectdojo.scan_added",
            "data": {"title": self.title, "description": "what only superusers read",
                     "product": {"id": crate::desk::CRANES, "name": "Cranes"}}})
        .to_string()
    }

    /// Where its story is.
    pub(crate) fn story(&self) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("source", SOURCE)
            .finish();
        format!("/events/{}?{query}", self.id)
    }

    /// It was decided.
    pub(crate) async fn decided(&self, decisions: Value, notes: Value) {
        let received: DateTime<Utc> = Utc::now() - TimeDelta::seconds(5);
        let record = EventRecord {
            source: SOURCE.to_owned(),
            id: self.id.to_owned(),
            name: "scan_added".to_owned(),
            body: self.body(),
            received_at: received,
            directory_version: 7,
            directory_behind: false,
            jobs: 2,
            decisions: to_raw_value(&decisions).unwrap(),
            notes,
            unknown_recipients: vec!["<b>nobody</b>".to_owned()],
        };
        self.desk.store().record_events(&[record]).await.unwrap();
    }

    /// The job for a person at their only destination of a channel.
    pub(crate) async fn job(&self, channel: Channel, person: Option<i64>) -> (JobId, i64) {
        let places = self.desk.store().destinations_of(channel, person).await;
        let destination = places.unwrap()[0];
        let recipient = person.map(|id| Recipient {
            id,
            username: String::new(),
        });
        let address = Address {
            destination,
            recipient,
        };
        let target = Target::at(channel, address).unwrap();
        (ids::job(SOURCE, self.id, &target), destination)
    }

    /// An attempt at mail to a person was made.
    pub(crate) async fn attempted(
        &self,
        person: i64,
        number: i32,
        came: State,
        why: Option<Reason>,
    ) {
        let (job, destination) = self.job(Channel::Mail, Some(person)).await;
        let attempt = Attempt {
            job,
            attempt: number,
            service: Service::EmailSender,
            event_source: SOURCE.to_owned(),
            event_id: self.id.to_owned(),
            event_name: "scan_added".to_owned(),
            channel: Channel::Mail,
            recipient: Some(person),
            destination: Some(destination),
            lease: Duration::from_secs(60),
        };
        let finished = Finished {
            reason: why,
            detail: Some(format!("<i>seen</i> at {number}")),
            status: Some(450),
            ..Finished::of(&attempt, came)
        };
        self.desk.store().claim(&[attempt]).await.unwrap();
        let settlement = Settlement {
            finished: vec![finished],
            ..Settlement::default()
        };
        self.desk.store().settle(&settlement).await.unwrap();
    }

    /// A person's alert was written.
    pub(crate) async fn alerted(&self, person: i64, title: &str) {
        let alert = NewAlert {
            id: ids::alert(SOURCE, self.id, Some(person)),
            user: Some(person),
            title: title.to_owned(),
            description: String::new(),
            url: None,
            icon: "info".to_owned(),
            source: "Scan Added".to_owned(),
            event_source: SOURCE.to_owned(),
            event_id: self.id.to_owned(),
        };
        self.desk.store().insert_alerts(&[alert]).await.unwrap();
    }

    /// Mail to a person waits in line, since mail rests.
    pub(crate) async fn parked(&self, person: i64) {
        let (job, destination) = self.job(Channel::Mail, Some(person)).await;
        let until = Utc::now() + TimeDelta::hours(1);
        let parked = Parked {
            job,
            service: Service::EmailSender,
            destination,
            letter: Letter {
                body: b"{}".to_vec(),
                attempt: 1,
                first_published: None,
                reason: Some("connection".to_owned()),
                traceparent: None,
            },
            due: Some(until),
        };
        let pause = Pause {
            service: Service::EmailSender,
            destination: None,
            until,
            reason: Reason::RateLimited,
        };
        let settlement = Settlement {
            parked: vec![parked],
            pauses: vec![pause],
            ..Settlement::default()
        };
        self.desk.store().settle(&settlement).await.unwrap();
    }

    /// Mail to a person was given up.
    pub(crate) async fn given_up(&self, person: i64) {
        let (job, destination) = self.job(Channel::Mail, Some(person)).await;
        let letter = DeadLetter {
            service: Service::EmailSender,
            job: Some(job),
            event: Some((SOURCE.to_owned(), self.id.to_owned())),
            destination: Some(destination),
            body: format!(r#"{{"version":1,"id":"{job}","x":"<script>1</script>\u202e"}}"#)
                .into_bytes(),
            headers: json!({"attempt": 3, "h": "<script>2</script>"}),
            reason: Reason::Refused,
            detail: "<script>3</script> said no".to_owned(),
        };
        self.desk
            .store()
            .file_dead_letters(&[letter])
            .await
            .unwrap();
    }
}

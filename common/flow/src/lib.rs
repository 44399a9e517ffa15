//! The flows that change the pair, shared by commands and services: [`request`] makes keys and requests that wait for
//! their certificates; [`plan_install`] and [`plan_rollback`] come to a [`Plan`], which [`Plan::commit`] carries out;
//! [`Status`] says what there is; [`PublishedFile`] and [`Facts`] say what follows.
//!
//! A flow has no terminal, clock, environment, network or files. The moment and who acts are arguments; what is kept
//! goes through the [`store::Store`] it is given; what only a person can answer it asks a [`Person`], who may be
//! [`Nobody`]. Errors carry evidence, never flags or exit codes: those belong to the commands.

mod aftermath;
mod background;
mod change;
mod install;
mod judge;
mod person;
mod plan;
mod request;
mod rollback;
mod status;
mod unlock;
mod view;

pub use aftermath::{Copies, Facts, Origin, PublishedFile, primary_name};
pub use change::Change;
pub use install::{InstallError, InstallOrder, plan_install};
pub use judge::Repair;
pub use person::{News, Nobody, Person, Question, Unanswered, Work};
pub use plan::{Action, CommitError, Done, Effect, Plan};
pub use request::{PendingKeys, RequestError, RequestFault, RequestOrder, Requested, Sysadmin, request};
pub use rollback::plan_rollback;
pub use status::{Due, Limits, Status};
pub use unlock::UnlockError;
pub use view::{CertificateView, InstalledView, RequestView, StagedView};

#[cfg(test)]
mod tests;

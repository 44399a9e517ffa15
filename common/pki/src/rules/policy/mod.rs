//! The policy of those who judge: which rules weigh how much, and what they ask beside the catalogue.

mod chains;
mod file;
mod level;
mod levels;

pub use file::{PolicyError, TEMPLATE};

use super::catalogue::catalogue;
use super::demands::Demands;
use super::profile::Profile;
use super::rule::{Rule, Severity};
use level::Level;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What is asked, and how much each rule weighs.
#[derive(Clone, Debug)]
pub struct Policy {
    profile: Profile,
    levels: BTreeMap<&'static str, Level>,
    demands: Demands,
    /// The rules in force, in catalogue order.
    rules: Vec<(&'static Rule, Severity)>,
}

impl Policy {
    /// A profile and nothing else.
    pub fn of(profile: Profile) -> Self {
        Self::new(profile, BTreeMap::new(), Demands::default())
    }

    /// Reads a policy file ([`TEMPLATE`] documents it). Without `profile` it is `otherwise`.
    ///
    /// # Errors
    /// [`PolicyError`].
    pub fn parse(text: &str, otherwise: Profile) -> Result<Self, PolicyError> {
        let file::Read { profile, levels, demands } = file::read(text)?;
        Ok(Self::new(profile.unwrap_or(otherwise), levels, demands))
    }

    /// What the product itself applies: profile `cluster`.
    pub fn product() -> &'static Self {
        static PRODUCT: LazyLock<Policy> = LazyLock::new(|| Policy::of(Profile::Cluster));
        &PRODUCT
    }

    /// The same under another profile; what the policy itself says still comes first.
    #[must_use]
    pub fn under(self, profile: Profile) -> Self {
        Self::new(profile, self.levels, self.demands)
    }

    /// Whose requirements are weighed.
    pub const fn profile(&self) -> Profile {
        self.profile
    }

    /// The rules in force with the severity each has here, in catalogue order.
    pub fn rules(&self) -> &[(&'static Rule, Severity)] {
        &self.rules
    }

    /// The severity of one rule here; `None` when it is not in force.
    pub fn severity(&self, rule: &Rule) -> Option<Severity> {
        self.rules.iter().find(|(other, _)| other.id == rule.id).map(|(_, severity)| *severity)
    }

    /// What is asked beside the catalogue.
    pub(crate) const fn demands(&self) -> &Demands {
        &self.demands
    }

    fn new(profile: Profile, levels: BTreeMap<&'static str, Level>, demands: Demands) -> Self {
        let of_profile =
            |rule: &Rule| levels::levels(profile).find(|(id, _)| *id == rule.id).map(|(_, level)| level);
        let level = |rule: &Rule| levels.get(rule.id).copied().or_else(|| of_profile(rule));
        let rules = catalogue()
            .filter_map(|rule| Some((rule, level(rule).unwrap_or(rule.severity.into()).severity()?)))
            .collect();
        Self { profile, levels, demands, rules }
    }
}

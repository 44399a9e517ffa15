//! The two roles, and the pair that everything in this project comes in.

use std::fmt;

/// One of the two TLS names a cluster serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The API of the cluster.
    Main,
    /// The static web UI.
    Assets,
}

impl Role {
    /// Both roles, Main first.
    pub const BOTH: [Self; 2] = [Self::Main, Self::Assets];

    /// The role that is not this one.
    pub const fn other(self) -> Self {
        match self {
            Self::Main => Self::Assets,
            Self::Assets => Self::Main,
        }
    }

    /// The stem of file names, flags and JSON keys: `main` or `assets`.
    pub const fn stem(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Assets => "assets",
        }
    }

    /// The role as prompts name it: `Main (Cluster)` or `Assets (UI)`.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Main => "Main (Cluster)",
            Self::Assets => "Assets (UI)",
        }
    }

    /// The heading above a printed request, as the product guide words it.
    pub const fn request_heading(self) -> &'static str {
        match self {
            Self::Main => "Cluster Certificate Request",
            Self::Assets => "UI Certificate Request",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Main => "Main",
            Self::Assets => "Assets",
        })
    }
}

/// Something that exists once for Main and once for Assets, and never for one alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair<T> {
    /// The value for [`Role::Main`].
    pub main: T,
    /// The value for [`Role::Assets`].
    pub assets: T,
}

impl<T> Pair<T> {
    /// Makes both values, Main first.
    pub fn from_fn(mut make: impl FnMut(Role) -> T) -> Self {
        Self { main: make(Role::Main), assets: make(Role::Assets) }
    }

    /// Makes both values, or fails with the first error.
    ///
    /// # Errors
    /// The error of the first `make` that failed; Assets is not tried when Main failed.
    pub fn try_from_fn<E>(mut make: impl FnMut(Role) -> Result<T, E>) -> Result<Self, E> {
        Ok(Self { main: make(Role::Main)?, assets: make(Role::Assets)? })
    }

    /// The value of one role.
    pub const fn of(&self, role: Role) -> &T {
        match role {
            Role::Main => &self.main,
            Role::Assets => &self.assets,
        }
    }

    /// The value of one role, to change it.
    pub const fn of_mut(&mut self, role: Role) -> &mut T {
        match role {
            Role::Main => &mut self.main,
            Role::Assets => &mut self.assets,
        }
    }

    /// A pair of references.
    pub const fn as_ref(&self) -> Pair<&T> {
        Pair { main: &self.main, assets: &self.assets }
    }

    /// Turns both values into something else.
    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> Pair<U> {
        Pair { main: f(self.main), assets: f(self.assets) }
    }

    /// Turns both values into something else, or fails with the first error.
    ///
    /// # Errors
    /// The first error `f` returned.
    pub fn try_map<U, E>(self, mut f: impl FnMut(T) -> Result<U, E>) -> Result<Pair<U>, E> {
        Ok(Pair { main: f(self.main)?, assets: f(self.assets)? })
    }

    /// A pair when both values are there.
    pub fn both(pair: Pair<Option<T>>) -> Option<Self> {
        Some(Self { main: pair.main?, assets: pair.assets? })
    }

    /// Puts two pairs side by side.
    pub fn zip<U>(self, other: Pair<U>) -> Pair<(T, U)> {
        Pair { main: (self.main, other.main), assets: (self.assets, other.assets) }
    }

    /// Both values with their roles, Main first.
    pub fn iter(&self) -> impl Iterator<Item = (Role, &T)> {
        [(Role::Main, &self.main), (Role::Assets, &self.assets)].into_iter()
    }
}

impl<T, U> Pair<(T, U)> {
    /// Takes two pairs that are side by side apart.
    pub fn unzip(self) -> (Pair<T>, Pair<U>) {
        let Self { main, assets } = self;
        (Pair { main: main.0, assets: assets.0 }, Pair { main: main.1, assets: assets.1 })
    }
}

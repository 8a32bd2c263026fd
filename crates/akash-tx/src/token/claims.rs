//! What a token states: who may do what, at which provider, and until when.

use std::collections::BTreeSet;

use domain::akash::Dseq;
use domain::time::UnixSeconds;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::address::Address;

/// The statement of a token. Only statements that a provider accepts can be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    issuer: Address,
    issued_at: UnixSeconds,
    not_before: UnixSeconds,
    expires_at: UnixSeconds,
    access: Access,
}

/// The reason why a provider would refuse the claims.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ClaimsError {
    /// Text that is not a set of claims.
    #[error("these are not the claims of a token: {0}")]
    Shape(String),
    /// A version other than `v1`.
    #[error("the claims have another version than v1")]
    Version,
    /// Parts that do not belong to the kind of access, or are absent.
    #[error("the claims of {0} access have other parts than they should")]
    Parts(&'static str),
    /// An order that is named without its group.
    #[error("an order is named without its group")]
    OrderWithoutGroup,
    /// A list that is empty or names something twice.
    #[error("a list of {0} is empty or repeats itself")]
    List(&'static str),
}

/// The leases that a token opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Everything, at all providers.
    Full,
    /// These actions, at all providers.
    Scoped(Vec<Scope>),
    /// Named providers only.
    Granular(Vec<Permission>),
}

/// The access to one provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// Account of the provider.
    pub provider: Address,
    /// Allowed actions there.
    pub access: ProviderAccess,
}

/// The actions that are allowed at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderAccess {
    /// All actions on all deployments.
    Full,
    /// These actions on all deployments.
    Scoped(Vec<Scope>),
    /// Named deployments only.
    Granular(Vec<DeploymentAccess>),
}

/// The access to one deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeploymentAccess {
    /// Number of the deployment.
    pub dseq: Dseq,
    /// Part of the deployment.
    pub part: Part,
    /// Allowed actions.
    pub scope: Vec<Scope>,
    /// Names of the services; providers demand them but do not enforce them.
    pub services: Vec<String>,
}

/// A part of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All groups.
    Whole,
    /// The group with this number.
    Group(u32),
    /// The order with the second number, in the group with the first.
    Order(u32, u32),
}

/// An action at a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Sending a manifest.
    SendManifest,
    /// Reading the manifest.
    GetManifest,
    /// Reading logs.
    Logs,
    /// Running commands in a container.
    Shell,
    /// Reading events of the cluster.
    Events,
    /// Reading the state of services.
    Status,
    /// Restarting a service.
    Restart,
    /// Moving a host name to another deployment.
    HostnameMigrate,
    /// Moving an IP address to another deployment.
    IpMigrate,
    /// Reading proof of confidential computing.
    Attestation,
}

/// The actions that managing a deployment needs.
const MANAGING: [Scope; 5] = [
    Scope::SendManifest,
    Scope::GetManifest,
    Scope::Status,
    Scope::Logs,
    Scope::Events,
];

impl Claims {
    /// The account that signs the token.
    #[must_use]
    pub fn issuer(&self) -> &Address {
        &self.issuer
    }

    /// The last instant at which the token holds.
    #[must_use]
    pub fn expires_at(&self) -> UnixSeconds {
        self.expires_at
    }

    /// The leases that the token opens.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.access
    }

    pub(super) fn of_one_provider(
        issuer: Address,
        provider: Address,
        now: UnixSeconds,
        expires_at: UnixSeconds,
    ) -> Self {
        Self {
            issuer,
            issued_at: now,
            not_before: now,
            expires_at,
            access: Access::Granular(vec![Permission {
                provider,
                access: ProviderAccess::Scoped(MANAGING.to_vec()),
            }]),
        }
    }

    /// The claims in this JSON.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`] where a provider would refuse them.
    pub fn parse(json: &str) -> Result<Self, ClaimsError> {
        let wire: WireClaims =
            serde_json::from_str(json).map_err(|error| ClaimsError::Shape(error.to_string()))?;
        if wire.version != VERSION {
            return Err(ClaimsError::Version);
        }
        Ok(Self {
            issuer: wire.iss,
            issued_at: UnixSeconds(wire.iat),
            not_before: UnixSeconds(wire.nbf),
            expires_at: UnixSeconds(wire.exp),
            access: wire.leases.try_into()?,
        })
    }

    /// The claims as JSON with sorted keys.
    pub(super) fn to_json(&self) -> String {
        let wire = WireClaims {
            exp: self.expires_at.0,
            iat: self.issued_at.0,
            iss: self.issuer.clone(),
            leases: (&self.access).into(),
            nbf: self.not_before.0,
            version: VERSION.to_owned(),
        };
        serde_json::to_string(&wire).expect("texts and numbers can be written")
    }
}

const VERSION: &str = "v1";

// The fields stand in the order of their names, which is the order in which the token has them.

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireClaims {
    exp: u64,
    iat: u64,
    iss: Address,
    leases: WireLeases,
    nbf: u64,
    version: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireLeases {
    access: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<Vec<WirePermission>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<Vec<Scope>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WirePermission {
    access: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    deployments: Option<Vec<WireDeployment>>,
    provider: Address,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<Vec<Scope>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireDeployment {
    dseq: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    gseq: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oseq: Option<u32>,
    scope: Vec<Scope>,
    #[serde(default)]
    services: Vec<String>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Full,
    Scoped,
    Granular,
}

impl TryFrom<WireLeases> for Access {
    type Error = ClaimsError;

    fn try_from(leases: WireLeases) -> Result<Self, ClaimsError> {
        match (leases.access, leases.scope, leases.permissions) {
            (Kind::Full, None, None) => Ok(Self::Full),
            (Kind::Scoped, Some(scope), None) => Ok(Self::Scoped(distinct(scope, "actions")?)),
            (Kind::Granular, None, Some(permissions)) => {
                let permissions = permissions
                    .into_iter()
                    .map(Permission::try_from)
                    .collect::<Result<Vec<_>, _>>()?;
                check_distinct(permissions.iter().map(|one| &one.provider), "providers")?;
                Ok(Self::Granular(permissions))
            }
            (Kind::Full, ..) => Err(ClaimsError::Parts("full")),
            (Kind::Scoped, ..) => Err(ClaimsError::Parts("scoped")),
            (Kind::Granular, ..) => Err(ClaimsError::Parts("granular")),
        }
    }
}

impl TryFrom<WirePermission> for Permission {
    type Error = ClaimsError;

    fn try_from(wire: WirePermission) -> Result<Self, ClaimsError> {
        let access = match (wire.access, wire.scope, wire.deployments) {
            (Kind::Full, None, None) => ProviderAccess::Full,
            (Kind::Scoped, Some(scope), None) => {
                ProviderAccess::Scoped(distinct(scope, "actions")?)
            }
            (Kind::Granular, None, Some(deployments)) if !deployments.is_empty() => {
                let deployments = deployments.into_iter().map(DeploymentAccess::try_from);
                ProviderAccess::Granular(deployments.collect::<Result<Vec<_>, _>>()?)
            }
            _ => return Err(ClaimsError::Parts("a provider's")),
        };
        Ok(Self {
            provider: wire.provider,
            access,
        })
    }
}

impl TryFrom<WireDeployment> for DeploymentAccess {
    type Error = ClaimsError;

    fn try_from(wire: WireDeployment) -> Result<Self, ClaimsError> {
        Ok(Self {
            dseq: Dseq::new(wire.dseq),
            part: match (wire.gseq, wire.oseq) {
                (None, None) => Part::Whole,
                (Some(group), None) => Part::Group(group),
                (Some(group), Some(order)) => Part::Order(group, order),
                (None, Some(_)) => return Err(ClaimsError::OrderWithoutGroup),
            },
            scope: distinct(wire.scope, "actions")?,
            services: distinct(wire.services, "services")?,
        })
    }
}

fn distinct<T: Ord>(items: Vec<T>, name: &'static str) -> Result<Vec<T>, ClaimsError> {
    check_distinct(items.iter(), name)?;
    Ok(items)
}

fn check_distinct<'a, T: Ord + 'a>(
    items: impl ExactSizeIterator<Item = &'a T>,
    name: &'static str,
) -> Result<(), ClaimsError> {
    let count = items.len();
    if count > 0 && items.collect::<BTreeSet<_>>().len() == count {
        Ok(())
    } else {
        Err(ClaimsError::List(name))
    }
}

impl From<&Access> for WireLeases {
    fn from(access: &Access) -> Self {
        let (access, scope, permissions) = match access {
            Access::Full => (Kind::Full, None, None),
            Access::Scoped(scope) => (Kind::Scoped, Some(scope.clone()), None),
            Access::Granular(permissions) => (
                Kind::Granular,
                None,
                Some(permissions.iter().map(Into::into).collect()),
            ),
        };
        Self {
            access,
            permissions,
            scope,
        }
    }
}

impl From<&Permission> for WirePermission {
    fn from(permission: &Permission) -> Self {
        let (access, scope, deployments) = match &permission.access {
            ProviderAccess::Full => (Kind::Full, None, None),
            ProviderAccess::Scoped(scope) => (Kind::Scoped, Some(scope.clone()), None),
            ProviderAccess::Granular(deployments) => (
                Kind::Granular,
                None,
                Some(deployments.iter().map(Into::into).collect()),
            ),
        };
        Self {
            access,
            deployments,
            provider: permission.provider.clone(),
            scope,
        }
    }
}

impl From<&DeploymentAccess> for WireDeployment {
    fn from(access: &DeploymentAccess) -> Self {
        let (gseq, oseq) = match access.part {
            Part::Whole => (None, None),
            Part::Group(group) => (Some(group), None),
            Part::Order(group, order) => (Some(group), Some(order)),
        };
        Self {
            dseq: access.dseq.number(),
            gseq,
            oseq,
            scope: access.scope.clone(),
            services: access.services.clone(),
        }
    }
}

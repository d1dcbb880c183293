/*!
What only the live kernel can answer: would it take a hardware flowtable, does it have flowtables at all?

Asked by a transaction without its last message: the kernel goes through it, binds the devices, and takes
everything back. It uses a table name of its own, the one fw4 uses for the same question.
*/

use std::ffi::CStr;

use super::batch::{Batch, Builder, Kind};
use super::error::Error;
use super::load::LoadError;
use super::socket::{Socket, Transport};
use super::{dump, flowtable, table};
use crate::router::{KernelFacts, Refusal};
use crate::ruleset::{Flowtable, Origin};

const PROBE_TABLE: &CStr = c"fw4-hw-offload-test";
const PROBE_FLOWTABLE: &CStr = c"ft";

/// The kernel of this network namespace.
#[derive(Debug, Clone, Copy, Default)]
pub struct Kernel;

/// Would the kernel take such a flowtable?
pub fn probe(transport: &mut impl Transport, wanted: &Flowtable) -> Result<(), ProbeError> {
    let mut builder = Builder::new(None);
    table::add(&mut builder, PROBE_TABLE);
    let trace = builder.trace(Kind::Flowtable, "", Origin::RENDER);
    flowtable::add(&mut builder, PROBE_TABLE, PROBE_FLOWTABLE, wanted, trace)
        .map_err(|reason| ProbeError::Unencodable(reason.to_string()))?;
    let batch: Batch = builder.finish_as_check();
    batch
        .commit(transport)
        .map(drop)
        .map_err(ProbeError::Kernel)
}

/// Why it would not.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    #[error("{0}")]
    Unencodable(String),
    #[error(transparent)]
    Kernel(Error),
}

/// Does the kernel have flowtables? An empty one is tried; it needs no device.
pub fn has_flowtables(transport: &mut impl Transport) -> bool {
    probe(
        transport,
        &Flowtable {
            ..Flowtable::default()
        },
    )
    .is_ok()
}

impl Kernel {
    fn try_hardware(devices: &[String]) -> Result<(), ProbeError> {
        let mut socket = Socket::open()
            .map_err(|error| ProbeError::Kernel(Error::from_io("open a socket", error)))?;
        // Drivers may refuse to be in two hardware flowtables, so devices of the live one are not asked again.
        match flowtable::accepts(&mut socket, devices, true) {
            Ok(None) => {}
            Ok(Some(())) => return Ok(()),
            Err(LoadError::Kernel(error)) => return Err(ProbeError::Kernel(error)),
            Err(unencodable) => return Err(ProbeError::Unencodable(unencodable.to_string())),
        }
        probe(
            &mut socket,
            &Flowtable {
                devices: devices.to_vec(),
                hardware: true,
                ..Flowtable::default()
            },
        )
    }
}

impl KernelFacts for Kernel {
    fn accepts_hw_flowtable(&self, devices: &[String]) -> Result<(), Refusal> {
        let Err(error) = Self::try_hardware(devices) else {
            return Ok(());
        };
        // Which one is it? The kernel does not say; asked one by one it does.
        let single = devices.iter().find_map(|device| {
            Some((
                device,
                Self::try_hardware(std::slice::from_ref(device)).err()?,
            ))
        });
        Err(match single {
            Some((device, why)) => Refusal {
                device: Some(device.clone()),
                reason: why.to_string(),
            },
            None => Refusal {
                device: None,
                reason: error.to_string(),
            },
        })
    }

    fn has_flowtable(&self) -> bool {
        Socket::open().is_ok_and(|mut socket| dump::has_flowtable(&mut socket).unwrap_or(false))
    }
}

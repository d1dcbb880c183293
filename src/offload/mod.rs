/*!
Flow offloading as it is right now: what the kernel and the hardware forward, and what stands in the way.

Reads only: connections over ctnetlink, the flow tables of MediaTek's and Airoha's packet engines from
debugfs, modules and settings from sysfs and procfs.
*/

mod flows;
mod outcome;
mod ppe;
mod queues;
mod view;

pub use flows::{Flow, Flows};
pub use outcome::Outcome;
pub use ppe::{Engine, engines};
pub use queues::{Shaped, configured, now as shaped_now};
pub use view::{Setting, View, view};

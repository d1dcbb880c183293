/// `flowtable ft`: flows added to it skip the forward path on these devices' ingress hook.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub struct Flowtable {
    /// What fw4 would list, and `print` does: sorted, without doubles.
    pub devices: Vec<String>,
    /// Devices that fw4's list misses (wg0, wwan0): loaded with the others, but not printed.
    pub joined: Vec<String>,
    /// `flags offload`: the drivers are asked to take the flows over.
    pub hardware: bool,
}

impl Flowtable {
    /// All devices of the flowtable in the kernel.
    pub fn members(&self) -> impl Iterator<Item = &String> {
        self.devices.iter().chain(&self.joined)
    }
}

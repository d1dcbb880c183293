/// `flowtable ft`: flows added to it skip the forward path on these devices' ingress hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flowtable {
    /// Sorted, without doubles.
    pub devices: Vec<String>,
    /// `flags offload`: the drivers are asked to take the flows over.
    pub hardware: bool,
}

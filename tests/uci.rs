//! What libuci makes of a file and of uncommitted changes, and what it refuses. The expectations
//! were taken from the real libuci by way of ucode's cursor, which was also compared with this
//! reader on tens of thousands of random files.

#[path = "uci/changes.rs"]
mod changes;
#[path = "uci/loading.rs"]
mod loading;
#[path = "uci/properties.rs"]
mod properties;
#[path = "uci/support.rs"]
mod support;
#[path = "uci/syntax.rs"]
mod syntax;

//! What `SQLite` asks of a disk, and what it is told when that fails.

use std::ffi::c_int;

use rusqlite::ffi;

/// One kind of call. Taking and giving back locks is not among them: it does not touch the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Call {
    /// Opens a file, or makes it.
    Open,
    /// Reads a part of a file.
    Read,
    /// Writes a part of a file.
    Write,
    /// Cuts a file off.
    Truncate,
    /// Makes everything written to a file last.
    Sync,
    /// Deletes a file.
    Delete,
    /// Looks whether there is a file.
    Access,
    /// Asks for a file's length.
    Size,
    /// Gets the memory that the users of a log share.
    Map,
}

impl Call {
    /// Whether it can change what a power cut leaves.
    pub const fn changes(self) -> bool {
        matches!(
            self,
            Self::Open | Self::Write | Self::Truncate | Self::Sync | Self::Delete
        )
    }

    /// The code for "the disk could not do this".
    pub(crate) const fn error(self) -> c_int {
        match self {
            Self::Open => ffi::SQLITE_CANTOPEN,
            Self::Read => ffi::SQLITE_IOERR_READ,
            Self::Write => ffi::SQLITE_IOERR_WRITE,
            Self::Truncate => ffi::SQLITE_IOERR_TRUNCATE,
            Self::Sync => ffi::SQLITE_IOERR_FSYNC,
            Self::Delete => ffi::SQLITE_IOERR_DELETE,
            Self::Access => ffi::SQLITE_IOERR_ACCESS,
            Self::Size => ffi::SQLITE_IOERR_FSTAT,
            Self::Map => ffi::SQLITE_IOERR_SHMMAP,
        }
    }
}

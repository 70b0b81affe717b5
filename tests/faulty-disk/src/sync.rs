//! What `std::fs` does to a disk: `fsync` makes a file last, or the names in a folder; `rename` is a change of names.
//!
//! This program's functions of these names come before the C library's. Only on Linux; elsewhere nobody can see what
//! `std::fs` syncs, and names last at once ([`NAMES_ARE_FORGOTTEN`]).
#![expect(unsafe_code, reason = "the system's calls are C functions")]

use std::cell::Cell;

/// Whether new names and removals have to be synced to last.
pub(crate) const NAMES_ARE_FORGOTTEN: bool = cfg!(target_os = "linux");

thread_local! {
    static WITHIN: Cell<bool> = const { Cell::new(false) };
}

/// Does something that the disk knows of, and has locked itself for.
pub(crate) fn within<T>(work: impl FnOnce() -> T) -> T {
    WITHIN.set(true);
    let result = work();
    WITHIN.set(false);
    result
}

/// Makes sure that the functions below are part of the program.
pub(crate) fn install() {
    #[cfg(target_os = "linux")]
    std::hint::black_box((linux::fsync as *const (), linux::rename as *const ()));
}

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::{CStr, OsStr, c_char, c_int};
    use std::fs;
    use std::os::unix::ffi::OsStrExt;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use super::WITHIN;
    use crate::Call;
    use crate::disk::Inner;
    use crate::fault::Verdict;
    use crate::vfs;

    #[unsafe(no_mangle)]
    pub(super) extern "C" fn fsync(file: c_int) -> c_int {
        if !WITHIN.get()
            && let Some((disk, path)) = on_disk(file)
        {
            let mut state = disk.state();
            if state.judge(Call::Sync) != Verdict::Do {
                return failed();
            }
            state.synced(&path);
        }
        // SAFETY: the call takes a number; one that is no open file is an error.
        unsafe { libc::syscall(libc::SYS_fsync, file) as c_int }
    }

    #[unsafe(no_mangle)]
    pub(super) unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
        // SAFETY: whoever renames passes C strings.
        let name = unsafe { CStr::from_ptr(to) };
        let disk = vfs::disk_of(Path::new(OsStr::from_bytes(name.to_bytes())));
        if disk.as_ref().is_some_and(|disk| disk.state().health.off) {
            return failed();
        }
        // SAFETY: C strings, as above.
        let result = unsafe { libc::renameat(libc::AT_FDCWD, from, libc::AT_FDCWD, to) };
        // Only then: looking would change what the caller is told of an error.
        if let Some(disk) = disk.filter(|_| result == 0) {
            disk.state().directory.notice();
        }
        result
    }

    fn failed() -> c_int {
        // SAFETY: the place of this thread's last error.
        unsafe { *libc::__errno_location() = libc::EIO };
        -1
    }

    fn on_disk(file: c_int) -> Option<(Arc<Inner>, PathBuf)> {
        let path = fs::read_link(format!("/proc/self/fd/{file}")).ok()?;
        Some((vfs::disk_of(&path)?, path))
    }
}

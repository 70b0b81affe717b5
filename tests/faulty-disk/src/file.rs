//! An open file on a disk: every call is judged, and what a write replaces is noted before it does.
//!
//! In the memory that `SQLite` keeps for a file stands an [`Opened`], and behind it the system's own file.
#![expect(unsafe_code, reason = "SQLite uses files through C functions")]

use std::ffi::{c_int, c_void};
use std::path::PathBuf;
use std::ptr;
use std::sync::Arc;

use rusqlite::ffi::{self, sqlite3_file, sqlite3_int64};

use crate::Call;
use crate::disk::{Inner, State};
use crate::fault::Verdict;
use crate::history::sectors_around;
use crate::sync;

/// What this crate knows of an open file.
pub(crate) struct Handle {
    disk: Arc<Inner>,
    inode: u64,
    /// The folder that its first sync makes last, too: it is a log or journal.
    syncs_folder: Option<PathBuf>,
}

impl Handle {
    pub(crate) const fn new(disk: Arc<Inner>, inode: u64, syncs_folder: Option<PathBuf>) -> Self {
        Self {
            disk,
            inode,
            syncs_folder,
        }
    }
}

#[repr(C)]
struct Opened {
    base: sqlite3_file,
    handle: *mut Handle,
}

/// Where the system's file begins: after two pointers, so it is aligned as `SQLite`'s memory is.
pub(crate) const SYSTEM_FILE_AT: usize = size_of::<Opened>();

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    // 2: with the shared memory of logs, without files in memory, which would pass by all counting.
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Calls a function of the system's file; there is an error where it has none.
macro_rules! system {
    ($file:expr, $function:ident $(, $argument:expr)*) => {{
        let system = system_file($file);
        (*(*system).pMethods).$function.map_or(ffi::SQLITE_IOERR, |function| function(system $(, $argument)*))
    }};
}

/// The system's file behind ours.
///
/// # Safety
/// `file` is memory of the size that our VFS asks for.
pub(crate) unsafe fn system_file(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: it has `SYSTEM_FILE_AT` bytes and those of the system's file.
    unsafe { file.byte_add(SYSTEM_FILE_AT) }
}

/// Closes a system's file if it is open.
///
/// # Safety
/// `system` is memory on which the system's `xOpen` was called.
pub(crate) unsafe fn close_system(system: *mut sqlite3_file) {
    // SAFETY: `xOpen` sets the functions, or leaves them null when there is nothing to close.
    unsafe {
        if let Some(close) = (*system).pMethods.as_ref().and_then(|methods| methods.xClose) {
            close(system);
        }
    }
}

/// Makes a file ours.
///
/// # Safety
/// `file` is memory of the size that our VFS asks for, and the system's file in it is open.
pub(crate) unsafe fn install(file: *mut sqlite3_file, handle: Handle) {
    let opened = Opened {
        base: sqlite3_file {
            pMethods: &raw const METHODS,
        },
        handle: Box::into_raw(Box::new(handle)),
    };
    // SAFETY: there is room, and it is aligned for pointers, of which both structures consist.
    unsafe { ptr::write(file.cast(), opened) };
}

/// # Safety
/// `file` was made ours and is not closed.
unsafe fn handle<'a>(file: *mut sqlite3_file) -> &'a mut Handle {
    // SAFETY: `install` wrote it. SQLite uses one file in one thread at a time.
    unsafe { &mut *(*file.cast::<Opened>()).handle }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file once; the system's after the last use of ours.
    unsafe {
        let handle = Box::from_raw((*file.cast::<Opened>()).handle);
        let result = system!(file, xClose);
        handle.disk.state().open_files -= 1;
        result
    }
}

unsafe extern "C" fn read(
    file: *mut sqlite3_file,
    buffer: *mut c_void,
    len: c_int,
    offset: sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite's arguments are passed on.
    unsafe {
        if let Verdict::Fail(code) = handle(file).disk.state().judge(Call::Read) {
            return code;
        }
        system!(file, xRead, buffer, len, offset)
    }
}

/// Notes whole sectors as they are now.
///
/// # Safety
/// `file` is ours and open.
unsafe fn note(state: &mut State, file: *mut sqlite3_file, inode: u64, offset: u64, len: u64) -> c_int {
    let (start, len) = sectors_around(offset, len);
    let mut old = vec![0; len as usize];
    let mut size = 0;
    // SAFETY: `old` has `len` bytes.
    unsafe {
        let result = system!(file, xFileSize, &raw mut size);
        if result != ffi::SQLITE_OK {
            return result;
        }
        let result = system!(file, xRead, old.as_mut_ptr().cast(), len as c_int, start as i64);
        // What lies behind the end is filled with zeroes.
        if result != ffi::SQLITE_OK && result != ffi::SQLITE_IOERR_SHORT_READ {
            return result;
        }
    }
    state
        .histories
        .entry(inode)
        .or_default()
        .note(size as u64, start, &old);
    ffi::SQLITE_OK
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    buffer: *const c_void,
    len: c_int,
    offset: sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite's arguments are passed on; a shorter length stays within its buffer.
    unsafe {
        let handle = handle(file);
        let mut state = handle.disk.state();
        let (part, torn) = match state.judge(Call::Write) {
            Verdict::Do => (len, false),
            Verdict::DoPart(bytes) => ((bytes % len.max(1) as u64) as c_int, true),
            Verdict::Fail(code) => return code,
        };
        let mut result = ffi::SQLITE_OK;
        if part > 0 {
            state.changes += 1;
            result = note(&mut state, file, handle.inode, offset as u64, part as u64);
        }
        if part > 0 && result == ffi::SQLITE_OK {
            result = system!(file, xWrite, buffer, part, offset);
        }
        if torn { ffi::SQLITE_IOERR_WRITE } else { result }
    }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    // SAFETY: SQLite's arguments are passed on.
    unsafe {
        let handle = handle(file);
        let mut state = handle.disk.state();
        if let Verdict::Fail(code) = state.judge(Call::Truncate) {
            return code;
        }
        let mut now = 0;
        let mut result = system!(file, xFileSize, &raw mut now);
        if result == ffi::SQLITE_OK {
            let lost = now.saturating_sub(size).max(0) as u64;
            state.changes += 1;
            result = note(&mut state, file, handle.inode, size as u64, lost);
        }
        if result == ffi::SQLITE_OK {
            result = system!(file, xTruncate, size);
        }
        result
    }
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: SQLite's arguments are passed on.
    unsafe {
        let handle = handle(file);
        let mut state = handle.disk.state();
        let history = handle.inode;
        if let Verdict::Fail(code) = state.judge(Call::Sync) {
            if !state.health.off
                && let Some(history) = state.histories.get_mut(&history)
            {
                history.sync_failed();
            }
            return code;
        }
        let result = sync::within(|| system!(file, xSync, flags));
        if result == ffi::SQLITE_OK {
            if let Some(history) = state.histories.get_mut(&history) {
                history.synced();
            }
            if let Some(folder) = handle.syncs_folder.take() {
                state.directory.synced(&folder);
            }
        }
        result
    }
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, out: *mut sqlite3_int64) -> c_int {
    // SAFETY: SQLite's arguments are passed on.
    unsafe {
        if let Verdict::Fail(code) = handle(file).disk.state().judge(Call::Size) {
            return code;
        }
        system!(file, xFileSize, out)
    }
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    // SAFETY: SQLite's arguments are passed on.
    unsafe {
        if handle(file).disk.state().health.off {
            return ffi::SQLITE_IOERR_LOCK;
        }
        system!(file, xLock, level)
    }
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    // SAFETY: SQLite's arguments are passed on. Also without power: the process that held the lock ends.
    unsafe { system!(file, xUnlock, level) }
}

unsafe extern "C" fn check_reserved_lock(file: *mut sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: SQLite's arguments are passed on.
    unsafe { system!(file, xCheckReservedLock, out) }
}

unsafe extern "C" fn file_control(file: *mut sqlite3_file, op: c_int, argument: *mut c_void) -> c_int {
    // SAFETY: SQLite's arguments are passed on.
    unsafe { system!(file, xFileControl, op, argument) }
}

unsafe extern "C" fn sector_size(file: *mut sqlite3_file) -> c_int {
    // SAFETY: the system's own function.
    unsafe { system!(file, xSectorSize) }
}

unsafe extern "C" fn device_characteristics(file: *mut sqlite3_file) -> c_int {
    // SAFETY: the system's own function.
    unsafe { system!(file, xDeviceCharacteristics) }
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    page: c_int,
    size: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: SQLite's arguments are passed on.
    unsafe {
        if let Verdict::Fail(code) = handle(file).disk.state().judge(Call::Map) {
            return code;
        }
        system!(file, xShmMap, page, size, extend, out)
    }
}

unsafe extern "C" fn shm_lock(file: *mut sqlite3_file, offset: c_int, n: c_int, flags: c_int) -> c_int {
    // SAFETY: SQLite's arguments are passed on.
    unsafe {
        if flags & ffi::SQLITE_SHM_LOCK != 0 && handle(file).disk.state().health.off {
            return ffi::SQLITE_IOERR_SHMLOCK;
        }
        system!(file, xShmLock, offset, n, flags)
    }
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    // SAFETY: the system's own function.
    unsafe {
        let system = system_file(file);
        if let Some(barrier) = (*(*system).pMethods).xShmBarrier {
            barrier(system);
        }
    }
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, delete: c_int) -> c_int {
    // SAFETY: SQLite's arguments are passed on. Also without power: it ends with the process.
    unsafe { system!(file, xShmUnmap, delete) }
}

//! The way of `SQLite` to files: this one's for paths on a disk, the system's own for all others.
#![expect(unsafe_code, reason = "SQLite asks for files through C functions")]

use std::collections::HashMap;
use std::ffi::{CStr, OsStr, c_char, c_int};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError, Weak};

use rusqlite::ffi;

use crate::Call;
use crate::disk::Inner;
use crate::fault::Verdict;
use crate::file::{self, Handle};
use crate::sync;

/// The system's own way to files.
static SYSTEM: AtomicPtr<ffi::sqlite3_vfs> = AtomicPtr::new(ptr::null_mut());

/// The disks, by their folders.
static DISKS: Mutex<Option<HashMap<PathBuf, Weak<Inner>>>> = Mutex::new(None);

fn disks() -> MutexGuard<'static, Option<HashMap<PathBuf, Weak<Inner>>>> {
    DISKS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes a disk known.
pub(crate) fn add(disk: &Arc<Inner>) {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        sync::install();
        register();
    });
    let folder = disk.folder().to_owned();
    disks()
        .get_or_insert_default()
        .insert(folder, Arc::downgrade(disk));
}

/// Forgets one.
pub(crate) fn forget(folder: &Path) {
    if let Some(disks) = disks().as_mut() {
        disks.remove(folder);
    }
}

/// The disk that a path is on.
pub(crate) fn disk_of(path: &Path) -> Option<Arc<Inner>> {
    let disks = disks();
    let disks = disks.as_ref()?;
    path.ancestors().find_map(|folder| disks.get(folder)?.upgrade())
}

/// The system's own way to files.
pub(crate) fn system() -> *mut ffi::sqlite3_vfs {
    SYSTEM.load(Ordering::SeqCst)
}

fn register() {
    // SAFETY: a null name asks for the default, which SQLite keeps for ever.
    let system = unsafe { ffi::sqlite3_vfs_find(ptr::null()) };
    assert!(!system.is_null(), "SQLite knows the system's files");
    SYSTEM.store(system, Ordering::SeqCst);
    // SAFETY: `system` is not null and never freed; the structure is plain data.
    let mut ours = unsafe { ptr::read(system) };
    ours.zName = c"romp-faulty-disk".as_ptr();
    ours.pNext = ptr::null_mut();
    ours.szOsFile += file::SYSTEM_FILE_AT as c_int;
    ours.xOpen = Some(open);
    ours.xDelete = Some(delete);
    ours.xAccess = Some(access);
    // The rest keeps the system's functions. Those that look at the structure they are called on find in it what
    // they would find in the system's: it is a copy.
    let ours = Box::leak(Box::new(ours));
    // SAFETY: `ours` lives for ever, and its functions keep SQLite's contract.
    let result = unsafe { ffi::sqlite3_vfs_register(ours, 1) };
    assert_eq!(result, ffi::SQLITE_OK, "SQLite takes the disks");
}

/// # Safety
/// `name` is a C string or null.
unsafe fn path_of<'a>(name: *const c_char) -> Option<&'a Path> {
    if name.is_null() {
        return None;
    }
    // SAFETY: it is a C string, and SQLite keeps it during the call.
    let name = unsafe { CStr::from_ptr(name) };
    Some(Path::new(OsStr::from_bytes(name.to_bytes())))
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    let system = system();
    // SAFETY: SQLite passes a C string or null.
    let path = unsafe { path_of(name) };
    let on_disk = path.and_then(|path| Some((path, disk_of(path)?)));
    // SAFETY: the system's own function, with the arguments that were meant for it. It gets memory of the size it
    // asked for: `szOsFile` is larger than its own by what stands before `SYSTEM_FILE_AT`.
    let open = |file| unsafe {
        (*system).xOpen.map_or(ffi::SQLITE_ERROR, |open| {
            open(system, name, file, flags, out_flags)
        })
    };
    let Some((path, disk)) = on_disk else {
        return open(file);
    };
    // SAFETY: SQLite passes memory for a file. Null functions tell it that there is nothing to close.
    unsafe { (*file).pMethods = ptr::null() };
    let mut state = disk.state();
    if let Verdict::Fail(code) = state.judge(Call::Open) {
        return code;
    }
    let is_new = fs::symlink_metadata(path).is_err();
    // SAFETY: `file` has room for both, as above.
    let system_file = unsafe { file::system_file(file) };
    let result = open(system_file);
    if result != ffi::SQLITE_OK {
        // SAFETY: as above; a file that the system opened nevertheless is closed by its own function.
        unsafe { file::close_system(system_file) };
        return result;
    }
    let Ok(inode) = fs::metadata(path).map(|found| found.ino()) else {
        // SAFETY: as above.
        unsafe { file::close_system(system_file) };
        return ffi::SQLITE_CANTOPEN;
    };
    if is_new {
        state.histories.remove(&inode);
        state.changes += 1;
    }
    state.lasting.insert(inode);
    if !state.directory.knows(path, inode) {
        state.directory.notice();
    }
    state.open_files += 1;
    drop(state);
    // As in the system's own way: the first sync of a log or journal also syncs the folder, whoever has made it.
    let is_log =
        flags & (ffi::SQLITE_OPEN_WAL | ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_SUPER_JOURNAL) != 0;
    let syncs_folder = (is_log && flags & ffi::SQLITE_OPEN_CREATE != 0)
        .then(|| path.parent().map(Path::to_owned))
        .flatten();
    // SAFETY: `file` is memory for a file, and the system's is open behind it.
    unsafe { file::install(file, Handle::new(disk, inode, syncs_folder)) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    let system = system();
    // SAFETY: SQLite passes a C string.
    let path = unsafe { path_of(name) };
    // SAFETY: the system's own function, with the arguments that were meant for it.
    let delete = || unsafe {
        (*system)
            .xDelete
            .map_or(ffi::SQLITE_ERROR, |delete| delete(system, name, sync_folder))
    };
    let Some((path, disk)) = path.and_then(|path| Some((path, disk_of(path)?))) else {
        return delete();
    };
    let mut state = disk.state();
    if let Verdict::Fail(code) = state.judge(Call::Delete) {
        return code;
    }
    state.directory.notice();
    let result = sync::within(delete);
    state.changes += 1;
    state.directory.notice();
    if result == ffi::SQLITE_OK
        && sync_folder != 0
        && let Some(folder) = path.parent()
    {
        state.directory.synced(folder);
    }
    result
}

unsafe extern "C" fn access(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite passes a C string.
    let disk = unsafe { path_of(name) }.and_then(disk_of);
    if let Some(disk) = disk
        && let Verdict::Fail(code) = disk.state().judge(Call::Access)
    {
        return code;
    }
    let system = system();
    // SAFETY: the system's own function, with the arguments that were meant for it.
    unsafe {
        (*system)
            .xAccess
            .map_or(ffi::SQLITE_ERROR, |access| access(system, name, flags, out))
    }
}

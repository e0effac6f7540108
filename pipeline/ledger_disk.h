#pragma once
// How the ledger's SQLite reaches the disk: by its own VFS for this system, except that a sync that
// a signal interrupts is done again, and that what the system said of a call that failed is kept
// for the message. SQLite itself forgets it when a transaction is committed.

namespace s1flow::pipeline {

// Name of the VFS that a ledger is opened with; null, which means SQLite's own one, when memory ran
// out. Thread-safe.
[[nodiscard]] const char* ledger_disk();

// errno of the first call of this thread that failed since this was asked; 0 when none did.
[[nodiscard]] int take_disk_errno() noexcept;

}  // namespace s1flow::pipeline

#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cli/lock_file.hpp"
#include "cli/lock_note.hpp"
#include "cli/overlap.hpp"

namespace audit::cli {

/// What is asked of `take_run_lock`.
struct LockWish {
  std::string state_dir;                             // made with mode 0700 where it is missing
  std::string inventory;                             // a path, however it is written, or what stands for one
  Overlap overlap;                                   // what to do where another run has the lock
  std::string command;                               // of this run, without secrets: for the message of the next
  std::function<void(const std::string&)> say = {};  // hears once, when a wait begins, for whom
};

/// That no two runs of one inventory go on at a time. It is flock(2): the kernel gives it up when its owner is dead, by
/// whatever. A process that is forked shares it, so it is held as long as the supervisor or its work lives; a program
/// that is started does not. There is no unlock, which would take it from both.
class RunLock {
 public:
  RunLock(LockFile file, LockNote note, std::string directory)
      : file_(std::move(file)), note_(std::move(note)), directory_(std::move(directory)) {}

  /// Is this the state directory it was taken in, however it is written?
  [[nodiscard]] bool is_in(const std::string& directory) const;

  /// Adds the run's id to what others read of the owner; from whichever process knows it.
  void name_run(const std::string& id);

 private:
  LockFile file_;
  LockNote note_;
  std::string directory_;
};

/// Either the lock, or why not: a sentence, and the exit code that follows from it.
struct LockOutcome {
  std::optional<RunLock> lock;
  int code = 0;         // 0 skipped, 73 the lock cannot be kept, 75 another has it, 130 and 143 a signal ended the wait
  std::string message;  // "" with a lock
  std::string notice;   // with a lock: where it may not hold against other machines
};

/// To be called before any thread is started, and before `supervise`. A wait ends with the other run, at its bound, or
/// with SIGINT or SIGTERM.
[[nodiscard]] LockOutcome take_run_lock(const LockWish& wish);

}  // namespace audit::cli

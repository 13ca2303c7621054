// Steps in words, for witnesses: third person, no actor, the file by its name.
#include <fmt/format.h>

#include "rules/rule.h"

namespace lockwright::rules {

using models::Mechanism;
using models::Operation;
using models::OperationKind;

std::string_view name_of(Mechanism mechanism) {
  switch (mechanism) {
    case Mechanism::none: return "the lock";
    case Mechanism::flock: return "flock";
    case Mechanism::posix: return "the POSIX lock";
    case Mechanism::ofd: return "the OFD lock";
    case Mechanism::windows: return "the Windows lock";
    case Mechanism::lock_file: return "the lock file";
    case Mechanism::library: return "the lock";
    case Mechanism::mutex: return "the mutex";
  }
  return "the lock";
}

std::string describe(const Analysis& analysis, const ir::Function& function, const paths::Step& step) {
  const Operation& operation = step.operation;
  const auto term = [&](ir::Term value) { return analysis.name(function, value); };
  const std::string file = term(operation.file != ir::Term::none ? operation.file : operation.handle);
  switch (operation.kind) {
    case OperationKind::open:
      if (operation.exclusive && operation.refused) return fmt::format("finds that {} exists already", file);
      if (operation.refused) return fmt::format("cannot open {}", file);
      if (operation.exclusive) return fmt::format("creates {} exclusively", file);
      return operation.truncate ? fmt::format("opens {} and empties it", file)
                                : fmt::format("opens {}", file);
    case OperationKind::close: return fmt::format("closes {}", file);
    case OperationKind::read: return fmt::format("reads {}", file);
    case OperationKind::write: return fmt::format("writes {}", file);
    case OperationKind::truncate: return fmt::format("truncates {}", file);
    case OperationKind::flush: return fmt::format("flushes {}", file);
    case OperationKind::sync: return fmt::format("syncs {} to the disk", file);
    case OperationKind::exists: return fmt::format("looks whether {} is there", file);
    case OperationKind::unlink: return fmt::format("removes {}", file);
    case OperationKind::rename: return fmt::format("renames {} to {}", file, term(operation.other));
    case OperationKind::link: return fmt::format("links {} to {}", term(operation.other), file);
    case OperationKind::make_directory:
      return fmt::format("{} the directory {}", operation.refused ? "cannot make" : "makes", file);
    case OperationKind::acquire: {
      const std::string_view mechanism = name_of(operation.mechanism);
      if (operation.refused) return fmt::format("is refused {} on {}", mechanism, file);
      return fmt::format("{} {} on {}", operation.shared ? "acquires a shared hold of" : "acquires",
                         mechanism, file);
    }
    case OperationKind::release:
      if (operation.mechanism == models::Mechanism::none) return fmt::format("releases {}", file);
      return fmt::format("releases {} on {}", name_of(operation.mechanism), file);
    case OperationKind::insert:
      return fmt::format("puts {} into {}", term(operation.key), term(operation.handle));
    case OperationKind::erase:
      return fmt::format("takes {} out of {}", term(operation.key), term(operation.handle));
    case OperationKind::look_up:
      return fmt::format("looks {} up in {}", term(operation.key), term(operation.handle));
    case OperationKind::probe:
      if (operation.probe == models::Probe::feature) return "finds that this system has no such library";
      if (operation.probe == models::Probe::content) return "cannot make sense of what it has read";
      if (operation.probe == models::Probe::pid_alive) return "asks whether the process is alive";
      return "asks the system";
    case OperationKind::await: return "waits: other tasks run here";
    case OperationKind::spawn: return "starts work that goes on by itself";
    case OperationKind::yield: return "hands over to its caller";
    case OperationKind::suspend: return "makes a coroutine or generator, whose body runs later";
    case OperationKind::callback: return fmt::format("calls {}", file);
    case OperationKind::join: return "waits until the work that was started has ended";
    case OperationKind::escape: return fmt::format("hands {} over", file);
    case OperationKind::drop: return fmt::format("clears {}", term(operation.key));
  }
  return {};
}

}  // namespace lockwright::rules

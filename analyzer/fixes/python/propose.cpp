// From what a rule wants to what Python has for it.
#include "analyzer/fixes/python/propose.h"

#include "analyzer/fixes/python/code.h"
#include "analyzer/fixes/python/library.h"

namespace lockwright::fixes::python {
namespace {

Proposals in_place(const Code& code, const findings::Finding& finding) {
  switch (finding.repair->kind) {
    case findings::RepairKind::truncate_under_lock: return truncate_under_lock(code, finding);
    case findings::RepairKind::release_in_finally: {
      // What is released at the end may be the handle alone, the lock being for the caller.
      Proposals proposals = release_in_finally(code, finding);
      return proposals.empty() ? release_on_failure(code, finding) : proposals;
    }
    case findings::RepairKind::erase_after_clean_up: return erase_after_clean_up(code, finding);
    case findings::RepairKind::replace_by_rename: return replace_by_rename(code, finding);
    case findings::RepairKind::leave_out_acquire: return leave_out_acquire(code, finding);
    case findings::RepairKind::release_on_failure: return release_on_failure(code, finding);
  }
  return {};
}

}  // namespace

std::vector<findings::Fix> propose(const findings::Finding& finding, const source::FileTable& files) {
  const Code code(files, finding.primary.file);
  Proposals result = in_place(code, finding);
  for (findings::Fix& fix : move_to_library(code, finding)) result.push_back(std::move(fix));
  return result;
}

}  // namespace lockwright::fixes::python

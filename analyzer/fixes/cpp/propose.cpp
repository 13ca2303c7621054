// From what a rule wants to what C and C++ have for it.
#include "analyzer/fixes/cpp/propose.h"

#include <algorithm>

#include "analyzer/fixes/cpp/code.h"

namespace lockwright::fixes::cpp {

std::vector<findings::Fix> propose(const findings::Finding& finding, const source::FileTable& files) {
  const findings::Repair& repair = *finding.repair;
  const source::FileId file = finding.primary.file;
  const bool right_here = std::ranges::all_of(repair.places, [&](const findings::Place& place) {
    return place.through.empty() && place.range.file == file;
  });
  if (!right_here) return {};
  const Code code(files, file);
  switch (repair.kind) {
    case findings::RepairKind::truncate_under_lock: return truncate_under_lock(code, repair);
    case findings::RepairKind::release_in_finally: return release_on_all_ways(code, repair);
    case findings::RepairKind::release_on_failure:
    case findings::RepairKind::erase_after_clean_up:
    case findings::RepairKind::replace_by_rename:
    case findings::RepairKind::leave_out_acquire: return {};
  }
  return {};
}

}  // namespace lockwright::fixes::cpp

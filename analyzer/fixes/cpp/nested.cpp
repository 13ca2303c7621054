#include "analyzer/fixes/cpp/code.h"
namespace lockwright::fixes::cpp {
std::vector<findings::Fix> leave_out_acquire(const Code& /*code*/, const findings::Repair& /*repair*/) {
  return {};
}
}  // namespace lockwright::fixes::cpp

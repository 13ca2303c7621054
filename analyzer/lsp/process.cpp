// Signal 0 asks whether a process could be sent one: kill(2).
#include "analyzer/lsp/process.h"

#include <cerrno>
#include <csignal>

namespace lockwright::lsp {

bool is_alive(int process) {
  return ::kill(process, 0) == 0 || errno == EPERM;
}

}  // namespace lockwright::lsp

// The IR as text, for `lockwright ir` and for tests: stable, one instruction a line.
#pragma once

#include <functional>
#include <string>

#include "analyzer/ir/module.h"

namespace lockwright::ir {

/// The line (1-based) at which a range begins.
using LineOf = std::function<std::uint32_t(const source::Range&)>;

std::string dump(const Module& module, const LineOf& line_of);
std::string dump(const Module& module, const Function& function, const LineOf& line_of);

}  // namespace lockwright::ir

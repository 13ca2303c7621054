// Which effects anybody can still see. Internal to paths/.
#pragma once

#include <span>
#include <vector>

#include "analyzer/ir/term.h"
#include "analyzer/paths/path.h"

namespace lockwright::paths {

/// Forgets what a path that ends has stored in objects of its own that nothing refers to any more: neither
/// `value`, which is returned or raised, nor what was stored elsewhere, nor its steps and conditions.
void forget_unreachable(const ir::TermTable& terms, Effects& effects, std::span<const Step* const> steps,
                        const std::vector<Fact>& facts, ir::Term value);

}  // namespace lockwright::paths

// Promises as values: work that has begun, may still be under way, and will end one way or the other. What
// JavaScript calls a promise; the shared engine knows it, since when things happen is its business. Internal
// to paths/.
#pragma once

#include <memory>
#include <string_view>

#include "analyzer/ir/term.h"
#include "analyzer/paths/path.h"

namespace lockwright::paths {

/// make(fulfilled_class or rejected_class, [value or exception, task]). The task names the promise's work:
/// the detached steps that carry the same term are what whoever awaits it waits for.
inline constexpr std::string_view fulfilled_class = "lockwright.fulfilled";
inline constexpr std::string_view rejected_class = "lockwright.rejected";

[[nodiscard]] bool is_promise(const ir::TermTable& terms, ir::Term term);
/// then, catch, finally.
[[nodiscard]] bool is_promise_method(std::string_view name);
/// The constructor of promises and what combines them, by qualified name (ECMA-262, 27.2).
[[nodiscard]] bool is_promise_function(std::string_view name);

/// The paths of a function as they are for whoever awaits the promise that it returns, as nearly everybody
/// does: `return withLock(path, async () => …)`. The same object when there is nothing to await.
[[nodiscard]] std::shared_ptr<const Summary> as_awaited(const ir::TermTable& terms,
                                                        std::shared_ptr<const Summary> summary);

}  // namespace lockwright::paths

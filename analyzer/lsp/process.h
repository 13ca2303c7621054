#pragma once

namespace lockwright::lsp {

/// A process of that number can be seen from here: there is one, whoever owns it, and in our own container.
[[nodiscard]] bool is_alive(int process);

}  // namespace lockwright::lsp

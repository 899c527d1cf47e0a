#pragma once

#include <memory>
#include <string_view>
#include <variant>

#include "syntax/tree.hpp"

namespace audit::syntax {

/// How deeply statements and expressions may nest, together: as LUAI_MAXCCALLS, from which Lua takes what its caller used.
inline constexpr int deepest = 200;

/// The tree of a text (a function with varargs), or the first thing in it that is no Lua 5.4. What depends on names, such
/// as a `goto` without label, is left to resolve() in scopes.hpp.
[[nodiscard]] std::variant<std::unique_ptr<Function>, SyntaxError> parse(std::string_view text);

}  // namespace audit::syntax

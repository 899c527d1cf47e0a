#pragma once

#include <string>
#include <vector>

#include "base/model.hpp"

namespace audit::report {

/// Where an observation comes from: "banner of tcp/10.0.0.1:23", before it the word the rule gave it; `visible`.
[[nodiscard]] std::string source_of(const Evidence& evidence);
/// One line for people: where from, what was seen or why nothing was. Takes about `most` bytes.
[[nodiscard]] std::string line_of(const Evidence& evidence, std::size_t most);
/// The piece that says most: what the rule attached before what only the engine recorded, answers before refusals. Null
/// where there is none.
[[nodiscard]] const Evidence* most_telling(const Finding& finding);
/// The members of an observation that say something of the peer: without `bytes` where `text` holds the same.
[[nodiscard]] std::vector<std::pair<std::string_view, const Value*>> telling_fields(const Value& fields);

}  // namespace audit::report

#pragma once

#include <rapidjson/document.h>

#include "base/model.hpp"

namespace audit::cli {

/// What a JSON report says of a target's life, addresses and ports. False where a word is none of this version's.
[[nodiscard]] bool read_target(const rapidjson::Value& json, TargetRecord& target);
/// The evidence of a result, as far as it was observed: what a rule attached besides is left out. False likewise.
[[nodiscard]] bool read_evidence(const rapidjson::Value& list, Finding& finding);

}  // namespace audit::cli

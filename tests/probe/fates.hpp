#pragma once

#include <array>

#include "base/reason.hpp"
#include "net/scripted_world.hpp"

namespace audit::test {

/// How a peer leaves off in the middle.
enum class Fate { hang, end, reset };
inline constexpr std::array<Fate, 3> fates{Fate::hang, Fate::end, Fate::reset};

inline net::ScriptStep step_of(Fate fate) {
  return fate == Fate::hang  ? net::ScriptStep::hang()
         : fate == Fate::end ? net::ScriptStep::end()
                             : net::ScriptStep::reset();
}

inline Reason reason_of(Fate fate) {
  return fate == Fate::hang ? Reason::timeout : fate == Fate::end ? Reason::eof : Reason::reset;
}

}  // namespace audit::test

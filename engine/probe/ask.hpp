#pragma once

#include "probe/words.hpp"

namespace audit::probe {

/// Asks one word of a target. Checks that ask the same (word, endpoints or name, and options) share one probe, in flight
/// or answered, until the target closes; the option `fresh = true` asks anew, and what it brings is what others get from
/// then on. A local fault, a stop, and what ended by the deadline of the check that asked are nobody else's answer.
[[nodiscard]] awaitable<std::shared_ptr<const Answer>> ask(const Word& word, Context& context, Question question);

}  // namespace audit::probe

#pragma once

#include "audit/sink.hpp"
#include "store/entry.hpp"

namespace audit::cli {

/// What the journal keeps of a message. Record and checks are moved out of it: `give_back` returns them.
[[nodiscard]] store::Entry entry_of(core::TargetMessage& message);
[[nodiscard]] store::Entry entry_of(core::RunMessage& message);
[[nodiscard]] store::CollectedEntry entry_of(const core::CollectedMessage& message);
[[nodiscard]] core::CollectedMessage message_of(store::CollectedEntry&& entry, const TargetRecord& record);
void give_back(store::Entry&& entry, core::TargetMessage& message);
void give_back(store::Entry&& entry, core::RunMessage& message);

/// The message that an entry was made of; `member` is the one of its ordinal.
[[nodiscard]] core::TargetMessage message_of(store::Entry&& entry, const inventory::Member& member);
[[nodiscard]] core::RunMessage run_message_of(store::Entry&& entry);

/// Did the run's stop cut it off? Then a resumed run has to ask again.
[[nodiscard]] bool was_cut_off(const store::Entry& entry);

}  // namespace audit::cli

#pragma once

#include "proto/starttls.hpp"

namespace audit::proto {

// Rows of starttls_protocols(), for starttls*.cpp only.

[[nodiscard]] std::unique_ptr<StarttlsDialogue> smtp_dialogue(StarttlsNames names);
[[nodiscard]] std::unique_ptr<StarttlsDialogue> imap_dialogue(StarttlsNames names);
[[nodiscard]] std::unique_ptr<StarttlsDialogue> pop3_dialogue(StarttlsNames names);
[[nodiscard]] std::unique_ptr<StarttlsDialogue> ftp_dialogue(StarttlsNames names);
[[nodiscard]] std::unique_ptr<StarttlsDialogue> ldap_dialogue(StarttlsNames names);
[[nodiscard]] std::unique_ptr<StarttlsDialogue> postgres_dialogue(StarttlsNames names);
[[nodiscard]] std::unique_ptr<StarttlsDialogue> mysql_dialogue(StarttlsNames names);
[[nodiscard]] std::unique_ptr<StarttlsDialogue> xmpp_dialogue(StarttlsNames names);
[[nodiscard]] std::unique_ptr<StarttlsDialogue> xmpp_server_dialogue(StarttlsNames names);

/// "…: 454 4.7.0 TLS not available", what the server said made visible and cut.
[[nodiscard]] StarttlsStep refused_with(std::string_view what, std::string_view said);
[[nodiscard]] StarttlsStep foreign(std::string_view expected, std::string_view said);

}  // namespace audit::proto

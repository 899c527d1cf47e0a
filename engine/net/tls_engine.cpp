#include "net/tls_engine.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "base/text.hpp"
#include "net/tls_handshake.hpp"

namespace audit::net {
namespace {

constexpr std::size_t most_handshake = 512 << 10;
constexpr long most_certificates = 256 << 10;
constexpr int most_dh_bits = 8'192;  // one more doubling costs a shard seconds
constexpr std::size_t first_kept = 48;
constexpr std::size_t longest_host_name = 255;
constexpr int missing_extension = 109;  // these two RFC 8446 has, and OpenSSL 3.0 no words for
constexpr int certificate_required = 116;

const char* words_of_alert(int alert) {
  if (alert == missing_extension) return "missing extension";
  if (alert == certificate_required) return "certificate required";
  return SSL_alert_desc_string_long(alert);
}

int accept_any_chain(X509_STORE_CTX* /*context*/, void* /*unused*/) noexcept { return 1; }

/// Everything is looked at, but for groups that would cost a shard seconds.
int allow(const SSL* /*connection*/, const SSL_CTX* /*context*/, int what, int /*bits*/, int /*nid*/, void* other,
          void* /*unused*/) noexcept {
  if (what != SSL_SECOP_TMP_DH || other == nullptr) return 1;
  return EVP_PKEY_get_bits(static_cast<const EVP_PKEY*>(other)) <= most_dh_bits ? 1 : 0;
}

/// OpenSSL's usual suites in their usual order, then all that it can besides.
bool offer_everything(SSL_CTX* context) {
  std::string names;
  const STACK_OF(SSL_CIPHER)* usual = SSL_CTX_get_ciphers(context);
  for (int i = 0; i < sk_SSL_CIPHER_num(usual); ++i) {
    const SSL_CIPHER* cipher = sk_SSL_CIPHER_value(usual, i);
    if (SSL_CIPHER_get_protocol_id(cipher) >> 8U != 0x13) names += std::string(SSL_CIPHER_get_name(cipher)) + ":";
  }
  names += "ALL:COMPLEMENTOFALL:!aNULL";
  return SSL_CTX_set_cipher_list(context, names.c_str()) == 1;
}

/// ALPN's list (RFC 7301 3.1).
Result<std::string> encode_alpn(const std::vector<std::string>& protocols) {
  std::string list;
  for (const std::string& protocol : protocols) {
    if (protocol.empty() || protocol.size() > 255 || list.size() > 4'096)
      return Error(Reason::rule_error, "alpn: a protocol's name has 1 to 255 bytes, all together at most 4096");
    list += static_cast<char>(protocol.size());
    list += protocol;
  }
  return list;
}

const unsigned char* octets(std::string_view bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

/// The place of the first certificate that is none; the size of the chain where all are.
std::size_t first_unreadable(const std::vector<std::string>& chain) {
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const unsigned char* der = octets(chain[i]);
    X509* certificate = d2i_X509(nullptr, &der, static_cast<long>(chain[i].size()));
    if (certificate == nullptr) return i;
    X509_free(certificate);
  }
  return chain.size();
}

}  // namespace

void TlsClient::Free::operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }

SSL_CTX* TlsClient::context() {
  if (context_) return context_.get();
  std::unique_ptr<SSL_CTX, Free> made(SSL_CTX_new(TLS_client_method()));
  if (!made) return nullptr;
  SSL_CTX* context = made.get();
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_security_callback(context, allow);
  SSL_CTX_set_min_proto_version(context, 0);
  SSL_CTX_set_max_proto_version(context, 0);
  SSL_CTX_set_options(context, SSL_OP_ALL | SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(context, most_certificates);
  SSL_CTX_set_cert_verify_callback(context, accept_any_chain, nullptr);
  SSL_CTX_set_tlsext_status_type(context, TLSEXT_STATUSTYPE_ocsp);
  if (!offer_everything(context)) return nullptr;
  context_ = std::move(made);
  return context_.get();
}

void TlsEngine::Free::operator()(SSL* connection) const noexcept { SSL_free(connection); }

Result<std::unique_ptr<TlsEngine>> TlsEngine::make(TlsClient& client, const TlsSettings& settings,
                                                   const Endpoint& remote) {
  ERR_clear_error();
  SSL_CTX* context = client.context();
  SSL* connection = context != nullptr ? SSL_new(context) : nullptr;
  if (connection == nullptr) {
    const char* why = ERR_reason_error_string(ERR_peek_last_error());
    return Error(Reason::local_fault, fmt::format("{}: OpenSSL cannot begin a TLS connection: {}",
                                                  format_endpoint(remote), why != nullptr ? why : "no memory"));
  }
  std::unique_ptr<TlsEngine> engine(new TlsEngine(connection, remote));
  if (Result<void> fit = engine->set_up(settings); !fit)
    return Error(fit.error().reason, fmt::format("{}: {}", format_endpoint(remote), fit.error().message));
  return engine;
}

Result<void> TlsEngine::set_up(const TlsSettings& settings) {
  SSL* connection = connection_.get();
  BIO* in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_mem());
  SSL_set_bio(connection, in, out);
  SSL_set_connect_state(connection);
  if (in == nullptr || out == nullptr) return Error(Reason::local_fault, "no memory for a TLS connection");
  SSL_set_msg_callback(connection, overhear);
  SSL_ctrl(connection, SSL_CTRL_SET_MSG_CALLBACK_ARG, 0, this);

  name_ = settings.server_name;
  if (name_.ends_with('.')) name_.pop_back();  // RFC 6066 3: without the root's dot
  if (name_.size() > longest_host_name || name_.find('\0') != std::string::npos)
    return Error(Reason::rule_error, "server_name: not a host name");
  if (name_.empty()) {
    name_ = format_address(remote_.address);
  } else if (!parse_address(name_) &&
             SSL_ctrl(connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name_.data()) != 1) {
    return Error(Reason::rule_error, "server_name: not a host name");
  }
  const Result<std::string> alpn = encode_alpn(settings.alpn);
  if (!alpn) return alpn.error();
  if (!alpn->empty()) SSL_set_alpn_protos(connection, octets(*alpn), static_cast<unsigned>(alpn->size()));
  if (SSL_set_min_proto_version(connection, static_cast<int>(settings.least)) != 1 ||
      SSL_set_max_proto_version(connection, static_cast<int>(settings.most)) != 1)
    return Error(Reason::rule_error, "no such TLS version");
  Result<std::shared_ptr<const TrustStore>> trust = TrustStore::of(settings.trust);
  if (!trust) return trust.error();
  trust_ = std::move(*trust);
  return {};
}

void TlsEngine::overhear(int sent, int /*version*/, int type, const void* bytes, std::size_t size, SSL* /*connection*/,
                         void* engine) noexcept {
  if (sent != 0) return;
  try {
    static_cast<TlsEngine*>(engine)->heard(type, std::string_view(static_cast<const char*>(bytes), size));
  } catch (...) {  // out of memory: the chain is not kept, and `session` is without it
    static_cast<TlsEngine*>(engine)->chain_.clear();
  }
}

void TlsEngine::heard(int type, std::string_view message) {
  if (type == SSL3_RT_ALERT && message.size() >= 2) alert_ = static_cast<unsigned char>(message[1]);
  if (type != SSL3_RT_HANDSHAKE || message.empty()) return;
  if (message[0] == SSL3_MT_CERTIFICATE_REQUEST) asks_certificate_ = true;
  if (message[0] == SSL3_MT_CERTIFICATE)
    chain_ = certificates_of_message(message, SSL_version(connection_.get()) >= TLS1_3_VERSION);
}

void TlsEngine::feed(std::string_view bytes) {
  if (first_.size() < first_kept) first_ += bytes.substr(0, first_kept - first_.size());
  fed_ += bytes.size();
  BIO* in = SSL_get_rbio(connection_.get());
  while (!bytes.empty()) {
    const int taken = BIO_write(in, bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), 1U << 30U)));
    if (taken <= 0) return;  // no memory: the handshake or record stays incomplete, and its deadline ends it
    bytes.remove_prefix(static_cast<std::size_t>(taken));
  }
}

std::string TlsEngine::take_outgoing() {
  BIO* out = SSL_get_wbio(connection_.get());
  std::string bytes(BIO_ctrl_pending(out), '\0');
  if (bytes.empty()) return bytes;
  const int got = BIO_read(out, bytes.data(), static_cast<int>(bytes.size()));
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

Error TlsEngine::explain(std::string_view doing) {
  const unsigned long failure = ERR_peek_error();
  const std::string who = format_endpoint(remote_);
  const char* why = ERR_reason_error_string(failure);
  std::string text = fmt::format("{}: {}: {}", who, doing, why != nullptr ? why : "OpenSSL gives no reason");
  const std::size_t unread = first_unreadable(chain_);
  unreadable_ = !established_ && alert_ < 0 && unread < chain_.size();
  if (unreadable_)
    text = fmt::format("{}: {}: certificate {} of the {} that the server sent cannot be read as X.509 ({})", who, doing,
                       unread + 1, chain_.size(), why != nullptr ? why : "OpenSSL gives no reason");
  if (alert_ >= 0 && alert_ != SSL_AD_CLOSE_NOTIFY) {
    text = fmt::format("{}: {}: the server sent the alert \"{}\" ({})", who, doing, words_of_alert(alert_), alert_);
  } else if (!looks_like_tls(first_)) {
    text = fmt::format("{}: {}: the server does not answer in TLS; it says \"{}\"", who, doing,
                       visible(first_.substr(0, first_.find('\n'))));
  } else if (ERR_GET_LIB(failure) == ERR_LIB_SSL && ERR_GET_REASON(failure) == SSL_R_EXCESSIVE_MESSAGE_SIZE) {
    text += fmt::format(" (at most {} bytes of certificates are read)", most_certificates);
  }
  ERR_clear_error();
  return {Reason::tls_error, std::move(text)};
}

TlsEngine::Step TlsEngine::handshake() {
  if (established_) return Step::done;
  constexpr std::string_view doing = "the TLS handshake failed";
  ERR_clear_error();
  const int result = SSL_do_handshake(connection_.get());
  if (result == 1) {
    established_ = true;
    return Step::done;
  }
  const int why = SSL_get_error(connection_.get(), result);
  if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) {
    error_ = explain(doing);
    return Step::failed;
  }
  if (fed_ <= most_handshake) return Step::need_more;
  error_ = Error(Reason::tls_error,
                 fmt::format("{}: {}: it is not done after {} bytes", format_endpoint(remote_), doing, most_handshake));
  return Step::failed;
}

void TlsEngine::describe_group(TlsSession& session) const {
  EVP_PKEY* key = nullptr;
  if (SSL_get_peer_tmp_key(connection_.get(), &key) != 1) {
    ERR_clear_error();
    return;
  }
  session.group_bits = static_cast<std::uint32_t>(std::max(0, EVP_PKEY_get_bits(key)));
  session.group = group_name(key);
  EVP_PKEY_free(key);
}

void TlsEngine::judge_certificate(TlsSession& session) const {
  session.name = name_;
  session.checked = trust_ != nullptr;
  X509* leaf = SSL_get0_peer_certificate(connection_.get());
  if (leaf == nullptr) {
    session.verify_reason = "the server sent no certificate";
    return;
  }
  const unsigned flags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
  session.name_matches = parse_address(name_) ? X509_check_ip_asc(leaf, name_.c_str(), 0) == 1
                                              : X509_check_host(leaf, name_.data(), name_.size(), flags, nullptr) == 1;
  if (!trust_) return;
  session.verify_reason = trust_->complaint(leaf, SSL_get_peer_cert_chain(connection_.get()));
  session.verified = session.verify_reason.empty();
}

TlsSession TlsEngine::session() {
  SSL* connection = connection_.get();
  TlsSession session;
  const SSL_CIPHER* cipher = established_ ? SSL_get_current_cipher(connection) : SSL_get_pending_cipher(connection);
  session.version = SSL_get_version(connection);
  session.cipher = SSL_CIPHER_get_name(cipher);
  if (const char* standard = SSL_CIPHER_standard_name(cipher)) session.cipher_iana = standard;
  session.chain = chain_;
  if (!established_) {
    session.unfinished = error_.message;
    session.name = name_;
    session.checked = trust_ != nullptr;
    session.verify_reason = error_.message;
    return session;
  }
  describe_group(session);
  int digest = NID_undef;
  int scheme = NID_undef;
  if (SSL_get_peer_signature_type_nid(connection, &scheme) == 1) {
    session.signature = signature_name(scheme);
    if (SSL_get_peer_signature_nid(connection, &digest) == 1 && digest != NID_undef)
      session.signature += std::string(" ") + OBJ_nid2sn(digest);
  }
  const unsigned char* bytes = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(connection, &bytes, &size);
  session.alpn.assign(bytes, bytes + size);
  if (const long length = SSL_get_tlsext_status_ocsp_resp(connection, &bytes); length > 0 && bytes != nullptr)
    session.staple.assign(bytes, bytes + length);
  session.asks_certificate = asks_certificate_;
  session.compression = SSL_get_current_compression(connection) != nullptr;
  if (SSL_version(connection) < TLS1_3_VERSION) {
    session.secure_renegotiation = SSL_get_secure_renegotiation_support(connection) == 1;
    session.extended_master_secret = SSL_get_extms_support(connection) == 1;
  }
  judge_certificate(session);
  ERR_clear_error();
  return session;
}

bool TlsEngine::holds_bytes() const {
  SSL* connection = connection_.get();
  return SSL_has_pending(connection) == 1 || BIO_ctrl_pending(SSL_get_rbio(connection)) > 0;
}

Result<std::size_t> TlsEngine::read(std::span<char> buffer) {
  ERR_clear_error();
  std::size_t got = 0;
  const int result = SSL_read_ex(connection_.get(), buffer.data(), buffer.size(), &got);
  if (result == 1) return got;
  const int why = SSL_get_error(connection_.get(), result);
  if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return std::size_t{0};
  if (why == SSL_ERROR_ZERO_RETURN)
    return Error(Reason::eof, format_endpoint(remote_) + ": the peer ended the TLS connection");
  return explain("reading over TLS failed");
}

Result<void> TlsEngine::write(std::string_view bytes) {
  ERR_clear_error();
  std::size_t written = 0;
  if (bytes.empty() || SSL_write_ex(connection_.get(), bytes.data(), bytes.size(), &written) == 1) return {};
  return explain("writing over TLS failed");
}

void TlsEngine::end() {
  ERR_clear_error();
  if (established_) SSL_shutdown(connection_.get());
  ERR_clear_error();
}

}  // namespace audit::net

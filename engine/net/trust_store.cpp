#include "net/trust_store.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <vector>

#include "base/digest.hpp"

namespace audit::net {
namespace {

constexpr std::size_t most_given_stores = 16;  // kept for the next handshake
constexpr int most_depth = 20;                 // certificates between the leaf and the root
constexpr int level = 2;                       // 112 bits: no SHA-1, no RSA below 2,048 (SSL_CTX_set_security_level(3))

struct FreeContext {
  void operator()(X509_STORE_CTX* context) const noexcept { X509_STORE_CTX_free(context); }
};

/// Keeps every complaint and lets OpenSSL go on.
int note_complaint(int fine, X509_STORE_CTX* context) noexcept {
  auto* complaints = static_cast<std::vector<int>*>(X509_STORE_CTX_get_app_data(context));
  const int error = X509_STORE_CTX_get_error(context);
  if (fine == 1) return 1;
  for (const int known : *complaints)
    if (known == error) return 1;
  if (complaints->size() < complaints->capacity()) complaints->push_back(error);
  return 1;
}

std::string setting(const char* variable, const char* fallback) {
  const char* value = std::getenv(variable);
  return value != nullptr ? value : fallback;
}

/// Does OpenSSL's default file or hashed folder hold anything?
bool anything_trusted(X509_STORE* store) {
  if (sk_X509_OBJECT_num(X509_STORE_get0_objects(store)) > 0) return true;
  const std::string folders = setting(X509_get_default_cert_dir_env(), X509_get_default_cert_dir());
  std::size_t from = 0;
  while (from <= folders.size()) {
    const std::size_t to = std::min(folders.find(':', from), folders.size());
    std::error_code failure;
    const std::filesystem::directory_iterator files(folders.substr(from, to - from), failure);
    if (!failure)
      for (const auto& file : files)
        if (file.path().extension() == ".0") return true;
    from = to + 1;
  }
  return false;
}

}  // namespace

void TrustStore::Free::operator()(X509_STORE* store) const noexcept { X509_STORE_free(store); }

Result<std::shared_ptr<const TrustStore>> TrustStore::system() {
  Store store(X509_STORE_new());
  if (!store || X509_STORE_set_default_paths(store.get()) != 1 || !anything_trusted(store.get())) {
    ERR_clear_error();
    return Error(Reason::local_fault,
                 fmt::format("this machine's trust store is empty (looked in {} and {}): install ca-certificates",
                             setting(X509_get_default_cert_file_env(), X509_get_default_cert_file()),
                             setting(X509_get_default_cert_dir_env(), X509_get_default_cert_dir())));
  }
  ERR_clear_error();  // a default file that is not there
  return std::shared_ptr<const TrustStore>(new TrustStore(std::move(store), false));
}

Result<std::shared_ptr<const TrustStore>> TrustStore::from_pem(const std::string& pem) {
  Store store(X509_STORE_new());
  const std::unique_ptr<BIO, decltype(&BIO_free)> text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                       &BIO_free);
  if (!store || !text) return Error(Reason::local_fault, "no memory for a trust store");
  std::size_t count = 0;
  while (X509* certificate = PEM_read_bio_X509_AUX(text.get(), nullptr, nullptr, nullptr)) {
    if (X509_STORE_add_cert(store.get(), certificate) == 1) ++count;
    X509_free(certificate);
  }
  const unsigned long failure = ERR_peek_last_error();
  const bool to_the_end = ERR_GET_LIB(failure) == ERR_LIB_PEM && ERR_GET_REASON(failure) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (count == 0 && to_the_end)
    return Error(Reason::rule_error, "the given trust is not a PEM text of certificates: there is none in it");
  if (!to_the_end)
    return Error(Reason::rule_error, fmt::format("certificate {} of the given PEM text cannot be read", count + 1));
  return std::shared_ptr<const TrustStore>(new TrustStore(std::move(store), true));
}

Result<std::shared_ptr<const TrustStore>> TrustStore::of(const TlsTrust& trust) {
  static std::mutex guard;
  static std::map<std::string, std::shared_ptr<const TrustStore>> known;
  if (trust.kind == TlsTrust::Kind::none) return std::shared_ptr<const TrustStore>();
  const std::string key = trust.kind == TlsTrust::Kind::pem ? sha256_hex(trust.pem) : "system";
  const std::lock_guard lock(guard);
  if (const auto found = known.find(key); found != known.end()) return found->second;
  Result<std::shared_ptr<const TrustStore>> loaded = trust.kind == TlsTrust::Kind::pem ? from_pem(trust.pem) : system();
  if (!loaded) return loaded;
  if (known.size() > most_given_stores) known.clear();
  known[key] = *loaded;
  return loaded;
}

std::string TrustStore::complaint(X509* leaf, stack_st_X509* others) const {
  const std::unique_ptr<X509_STORE_CTX, FreeContext> context(X509_STORE_CTX_new());
  std::vector<int> complaints;
  complaints.reserve(8);
  if (!context || X509_STORE_CTX_init(context.get(), store_.get(), leaf, others) != 1)
    return "the chain could not be verified for lack of memory";
  X509_STORE_CTX_set_app_data(context.get(), &complaints);
  X509_STORE_CTX_set_verify_cb(context.get(), note_complaint);
  X509_STORE_CTX_set_default(context.get(), "ssl_server");
  X509_VERIFY_PARAM* how = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_depth(how, most_depth);
  X509_VERIFY_PARAM_set_auth_level(how, level);
  if (partial_) X509_VERIFY_PARAM_set_flags(how, X509_V_FLAG_PARTIAL_CHAIN);
  const int fine = X509_verify_cert(context.get());
  ERR_clear_error();
  std::string text;
  for (const int complaint : complaints) {
    if (!text.empty()) text += "; ";
    text += X509_verify_cert_error_string(complaint);
  }
  if (fine != 1 && text.empty()) text = X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
  return text;
}

}  // namespace audit::net

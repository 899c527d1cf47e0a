#include "proto/cipher.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

namespace audit::proto {
namespace {

constexpr Cipher aes(std::string_view name, const char* method, std::size_t key_size, CipherMode mode) noexcept {
  const std::size_t iv = mode == CipherMode::ecb ? 0 : mode == CipherMode::gcm ? 12 : 16;
  return {name, method, key_size, iv, 16, mode};
}

// Single DES is in OpenSSL's legacy provider only, but triple DES with three equal keys is the same.
constexpr std::array<Cipher, 16> ciphers{{aes("aes-128-ecb", "AES-128-ECB", 16, CipherMode::ecb),
                                          aes("aes-192-ecb", "AES-192-ECB", 24, CipherMode::ecb),
                                          aes("aes-256-ecb", "AES-256-ECB", 32, CipherMode::ecb),
                                          aes("aes-128-cbc", "AES-128-CBC", 16, CipherMode::cbc),
                                          aes("aes-192-cbc", "AES-192-CBC", 24, CipherMode::cbc),
                                          aes("aes-256-cbc", "AES-256-CBC", 32, CipherMode::cbc),
                                          aes("aes-128-ctr", "AES-128-CTR", 16, CipherMode::ctr),
                                          aes("aes-192-ctr", "AES-192-CTR", 24, CipherMode::ctr),
                                          aes("aes-256-ctr", "AES-256-CTR", 32, CipherMode::ctr),
                                          aes("aes-128-cfb128", "AES-128-CFB", 16, CipherMode::cfb),
                                          aes("aes-192-cfb128", "AES-192-CFB", 24, CipherMode::cfb),
                                          aes("aes-256-cfb128", "AES-256-CFB", 32, CipherMode::cfb),
                                          aes("aes-128-gcm", "AES-128-GCM", 16, CipherMode::gcm),
                                          aes("aes-192-gcm", "AES-192-GCM", 24, CipherMode::gcm),
                                          aes("aes-256-gcm", "AES-256-GCM", 32, CipherMode::gcm),
                                          {"des-cbc", "DES-EDE3-CBC", 8, 8, 8, CipherMode::cbc}}};

struct Free {
  void operator()(EVP_CIPHER* method) const noexcept { EVP_CIPHER_free(method); }
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};
using Method = std::unique_ptr<EVP_CIPHER, Free>;
using Context = std::unique_ptr<EVP_CIPHER_CTX, Free>;

const unsigned char* octets(std::string_view bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* octets(char* bytes) noexcept { return reinterpret_cast<unsigned char*>(bytes); }

/// A context with key, initialisation vector and additional data; null where OpenSSL refuses.
Context begin(const Cipher& cipher, const CipherInput& input, std::string_view bytes, bool encrypts) noexcept {
  constexpr std::size_t longest = 1U << 30U;  // OpenSSL counts in int
  std::array<char, 64> key{};
  const bool tripled = cipher.block_size == 8;
  const bool fits = input.key.size() == cipher.key_size && bytes.size() <= longest && input.aad.size() <= longest &&
                    input.iv.size() <= longest_iv &&
                    (cipher.mode == CipherMode::gcm ? !input.iv.empty() : input.iv.size() == cipher.iv_size);
  if (!fits) return nullptr;
  for (std::size_t i = 0; i < (tripled ? 3 : 1) * input.key.size(); ++i) key[i] = input.key[i % input.key.size()];
  const Method method(EVP_CIPHER_fetch(nullptr, cipher.method, nullptr));
  Context context(EVP_CIPHER_CTX_new());
  if (!method || !context) return nullptr;
  const int direction = encrypts ? 1 : 0;
  bool ready = EVP_CipherInit_ex2(context.get(), method.get(), nullptr, nullptr, direction, nullptr) == 1;
  if (ready && cipher.mode == CipherMode::gcm)
    ready =
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(input.iv.size()), nullptr) == 1;
  const unsigned char* iv = input.iv.empty() ? nullptr : octets(input.iv);
  ready = ready && EVP_CipherInit_ex2(context.get(), nullptr, octets(key.data()), iv, direction, nullptr) == 1 &&
          EVP_CIPHER_CTX_set_padding(context.get(), input.padding && cipher.in_blocks() ? 1 : 0) == 1;
  int written = 0;
  if (ready && !input.aad.empty())
    ready =
        EVP_CipherUpdate(context.get(), nullptr, &written, octets(input.aad), static_cast<int>(input.aad.size())) == 1;
  return ready ? std::move(context) : nullptr;
}

bool update(const Context& context, std::string_view bytes, char* out, std::size_t& size) noexcept {
  int written = 0;
  if (EVP_CipherUpdate(context.get(), octets(out), &written, octets(bytes), static_cast<int>(bytes.size())) != 1)
    return false;
  size = static_cast<std::size_t>(written);
  return true;
}

bool finish(const Context& context, char* out, std::size_t& size) noexcept {
  int written = 0;
  if (EVP_CipherFinal_ex(context.get(), octets(out + size), &written) != 1) return false;
  size += static_cast<std::size_t>(written);
  return true;
}

}  // namespace

const Cipher* find_cipher(std::string_view name) noexcept {
  const auto found = std::find_if(ciphers.begin(), ciphers.end(), [&](const Cipher& row) { return row.name == name; });
  return found == ciphers.end() ? nullptr : &*found;
}

CipherOutcome encrypt(const Cipher& cipher, const CipherInput& input, std::string_view bytes, char* out,
                      std::size_t& size, CipherTag& tag) noexcept {
  size = 0;
  const Context context = begin(cipher, input, bytes, true);
  if (!context || !update(context, bytes, out, size) || !finish(context, out, size)) return CipherOutcome::refused;
  if (cipher.mode == CipherMode::gcm &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()), tag.data()) != 1)
    return CipherOutcome::refused;
  return CipherOutcome::done;
}

CipherOutcome decrypt(const Cipher& cipher, const CipherInput& input, std::string_view bytes, const CipherTag& tag,
                      char* out, std::size_t& size) noexcept {
  size = 0;
  const Context context = begin(cipher, input, bytes, false);
  if (!context) return CipherOutcome::refused;
  CipherTag expected = tag;  // OpenSSL wants to be able to write to it
  if (cipher.mode == CipherMode::gcm &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()), expected.data()) != 1)
    return CipherOutcome::refused;
  if (!update(context, bytes, out, size)) return CipherOutcome::refused;
  return finish(context, out, size) ? CipherOutcome::done : CipherOutcome::does_not_fit;
}

}  // namespace audit::proto

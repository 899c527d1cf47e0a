--- Object identifiers and the names that RFCs give them: of certificates, their extensions and algorithms, and of directories.
-- RFC 5280, RFC 4519, RFC 8017, RFC 5480, RFC 8410, RFC 5758, RFC 6960, RFC 7633; of LDAP RFC 4511 and its registry at IANA.

--- `name(oid)` gives the name of a dotted object identifier, `oid(name)` the identifier; nil for those it does not know. It knows some hundred: attributes of
--- names, extensions, key usages and algorithms of certificates (RFC 5280, RFC 8017, RFC 5480, RFC 8410, RFC 6960), and what LDAP servers offer. Names are the
--- RFCs': `oids.name("2.5.4.3") == "commonName"`, `"id-kp-serverAuth"`, `"startTLS"`.
local oids = {}

local names = {
  ["2.5.4."] = { [3] = "commonName", [4] = "surname", [5] = "serialNumber", [6] = "countryName", [7] = "localityName",
    [8] = "stateOrProvinceName", [9] = "streetAddress", [10] = "organizationName", [11] = "organizationalUnitName",
    [12] = "title", [42] = "givenName", [43] = "initials", [44] = "generationQualifier", [46] = "dnQualifier", [65] = "pseudonym" },
  ["2.5.29."] = { [14] = "subjectKeyIdentifier", [15] = "keyUsage", [17] = "subjectAltName", [18] = "issuerAltName",
    [19] = "basicConstraints", [20] = "cRLNumber", [21] = "reasonCode", [24] = "invalidityDate", [27] = "deltaCRLIndicator",
    [28] = "issuingDistributionPoint", [29] = "certificateIssuer", [30] = "nameConstraints", [31] = "cRLDistributionPoints",
    [32] = "certificatePolicies", [33] = "policyMappings", [35] = "authorityKeyIdentifier", [36] = "policyConstraints",
    [37] = "extKeyUsage", [46] = "freshestCRL", [54] = "inhibitAnyPolicy" },
  ["2.5.29.32."] = { [0] = "anyPolicy" }, ["2.5.29.37."] = { [0] = "anyExtendedKeyUsage" },
  ["0.9.2342.19200300.100.1."] = { [1] = "userId", [25] = "domainComponent" },
  ["1.2.840.113549.1.9."] = { [1] = "emailAddress", [2] = "unstructuredName", [7] = "challengePassword",
    [14] = "extensionRequest" },
  ["1.2.840.113549.1.1."] = { [1] = "rsaEncryption", [4] = "md5WithRSAEncryption", [5] = "sha1WithRSAEncryption",
    [7] = "id-RSAES-OAEP", [8] = "id-mgf1", [10] = "id-RSASSA-PSS", [11] = "sha256WithRSAEncryption", [12] = "sha384WithRSAEncryption",
    [13] = "sha512WithRSAEncryption", [14] = "sha224WithRSAEncryption" },
  ["1.2.840.10045.2."] = { [1] = "id-ecPublicKey" }, ["1.2.840.10045.3.1."] = { [7] = "secp256r1" },
  ["1.3.132.0."] = { [34] = "secp384r1", [35] = "secp521r1" },
  ["1.2.840.10045.4."] = { [1] = "ecdsa-with-SHA1" },
  ["1.2.840.10045.4.3."] = { "ecdsa-with-SHA224", "ecdsa-with-SHA256", "ecdsa-with-SHA384", "ecdsa-with-SHA512" },
  ["1.3.101."] = { [110] = "id-X25519", [111] = "id-X448", [112] = "id-Ed25519", [113] = "id-Ed448" },
  ["1.2.840.10040.4."] = { [1] = "id-dsa", [3] = "id-dsa-with-sha1" }, ["1.3.14.3.2."] = { [26] = "id-sha1" },
  ["2.16.840.1.101.3.4.2."] = { "id-sha256", "id-sha384", "id-sha512", "id-sha224" },
  ["1.3.6.1.5.5.7.1."] = { [1] = "authorityInfoAccess", [11] = "subjectInfoAccess", [24] = "id-pe-tlsfeature" },
  ["1.3.6.1.5.5.7.3."] = { "id-kp-serverAuth", "id-kp-clientAuth", "id-kp-codeSigning", "id-kp-emailProtection",
    [8] = "id-kp-timeStamping", [9] = "id-kp-OCSPSigning" },
  ["1.3.6.1.5.5.7.48."] = { "id-ad-ocsp", "id-ad-caIssuers" },
  ["1.3.6.1.5.5.7.48.1."] = { "id-pkix-ocsp-basic", "id-pkix-ocsp-nonce" },
  ["1.3.6.1.4.1.1466."] = { [20036] = "noticeOfDisconnection", [20037] = "startTLS" },
  ["1.3.6.1.4.1.4203.1.11."] = { [1] = "modifyPassword", [3] = "whoAmI" }, ["1.3.6.1.1."] = { [8] = "cancel" },
  ["1.3.6.1.4.1.4203.1.5."] = { "allOperationalAttributes", "attributesByObjectClass", "absoluteTrueFalseFilters" },
  ["1.2.840.113556.1.4."] = { [319] = "pagedResults", [473] = "serverSideSorting", [800] = "activeDirectory" },
  ["2.16.840.1.113730.3.4."] = { [2] = "manageDsaIT", [18] = "proxiedAuthorization" },
}
local name_of, oid_of = {}, {}
for prefix, list in pairs(names) do
  for arc, name in pairs(list) do name_of[prefix .. arc], oid_of[name] = name, prefix .. arc end
end

--- The name of a dotted object identifier: "commonName", "sha256WithRSAEncryption".
---@param oid string
---@return string?  nil where it is not among those known
function oids.name(oid)
  if type(oid) ~= "string" then error("oids.name: argument 1 is to be a string", 2) end
  return name_of[oid]
end

--- And the other way round.
---@param name string
---@return string?  dotted; nil where the name is not among those known
function oids.oid(name)
  if type(name) ~= "string" then error("oids.oid: argument 1 is to be a string", 2) end
  return oid_of[name]
end

return oids

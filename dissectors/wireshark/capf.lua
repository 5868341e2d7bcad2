-- capfpcap plugin for Wireshark, version 0.1.0
--
-- CAPF (enrolment of Cisco IP phones' certificates) and TVS inside TLS; trust lists (ITL, CTL) and
-- signed files (.sgn) in TFTP and HTTP. For Wireshark and tshark 3.6 to 4.6, Lua 5.1 to 5.4.
-- Install: "capfpcap wireshark install", or copy into the folder of personal Lua plugins.
-- Part of capfpcap, under the GNU General Public License, version 2 or later.
--
-- One file without require, bit operators or integer division: no version of Lua has them all.
-- What is kept between frames is kept on the first pass, by frame, and cleared by init().

-- A copy that is installed and one that is named on the command line: the first one counts.
if Dissector.get("capf") then return end

local VERSION = "0.1.0"
if set_plugin_info then
    set_plugin_info({ version = VERSION, description = "CAPF, TVS, ITL, CTL of Cisco IP phones" })
end

local MAX_FIELDS = 256 -- of one message, header or record; a real one has about 15
local MAX_RECORDS = 1024 -- of one list; a cluster of 20 servers has about 80
local MAX_FILE = 262144 -- bytes of a file put together from TFTP blocks; a list has about 10,000
local MAX_FILES = 256 -- transfers put together at a time

-- Values by name ------------------------------------------------------------------------------

local CAPF_COMMANDS = {
    [1] = "AUTH_REQUEST", [2] = "AUTH_RESPONSE",
    [3] = "KEYGEN_REQUEST", [4] = "KEYGEN_RESPONSE",
    [5] = "ENCRYPT_REQUEST", [6] = "ENCRYPT_RESPONSE",
    [7] = "DECRYPT_REQUEST", [8] = "DECRYPT_RESPONSE",
    [9] = "STORE_CERT_REQUEST", [10] = "STORE_CERT_RESPONSE",
    [11] = "FETCH_REQUEST", [12] = "FETCH_RESPONSE",
    [13] = "DELETE_REQUEST", [14] = "DELETE_RESPONSE",
    [15] = "END_SESSION", [16] = "RETRY_LATER", [17] = "REQUEST_IN_PROGRESS",
    [18] = "STATUS_REQUEST", [19] = "STATUS_RESPONSE",
    [20] = "ABORT_REQUEST", [21] = "ABORT_RESPONSE",
    [22] = "SIGN_CERT_REQUEST", [23] = "SIGN_CERT_RESPONSE",
}
local CAPF_TAGS = {
    [1] = "REASON", [2] = "REASON_INFO", [3] = "CERT_TYPE", [4] = "CERTIFICATE", [5] = "CERT_ID",
    [6] = "SIGNED_DATA", [7] = "VERSION", [8] = "AUTH_TYPE", [9] = "PUBLIC_KEY", [10] = "KEY_SIZE",
    [11] = "PASSWORD", [12] = "RETRY_DELAY", [13] = "DEVICE_NAME", [16] = "SUDI_DATA",
    [17] = "KEY_TYPE", [18] = "CURVE", [19] = "DIGEST", [20] = "SHA2_SIGNED_DATA",
}
local REASONS = { [0] = "none", [1] = "OK", [7] = "declined", [9] = "unknown device" }
local AUTH_TYPES = { [0] = "none", [1] = "string", [2] = "null string", [3] = "LSC", [4] = "MIC" }
local CERTIFICATE_TYPES = { [1] = "LSC", [2] = "MIC" }
local KEY_TYPES = { [0] = "RSA", [1] = "EC" }
local CURVES = { [0] = "secp256r1", [1] = "secp384r1", [2] = "secp521r1" }

local TVS_COMMANDS = {
    [0] = "NONE", [1] = "VERIFY_REQUEST", [2] = "VERIFY_RESPONSE",
    [3] = "QUERY_REQUEST", [4] = "QUERY_RESPONSE",
}
local TVS_TAGS = {
    [1] = "DEVICE_NAME", [2] = "CERTIFICATE", [3] = "SUBJECT", [4] = "ISSUER", [5] = "SERIAL",
    [7] = "STATUS", [8] = "ROLES", [9] = "TTL",
}
local STATUSES = { [0] = "valid", [1] = "invalid" }
local FUNCTIONS = {
    [0] = "SAST", [1] = "CCM", [2] = "CCM+TFTP", [3] = "TFTP", [4] = "CAPF", [7] = "APP-SERVER",
    [21] = "TVS",
}
local DIGESTS = { [1] = "SHA-1", [2] = "SHA-256", [3] = "SHA-512" }
local SIGNATURES = { [0] = "RSA" }
local MODULI = { [0] = "512 bits", [1] = "1024 bits", [2] = "2048 bits", [3] = "4096 bits" }

local function named(values, number)
    return values[number] or ("unknown (" .. number .. ")")
end

-- Protocols and their fields ------------------------------------------------------------------

local capf = Proto("capf", "Certificate Authority Proxy Function")
local tvs = Proto("tvs", "Cisco Trust Verification Service")
local itl = Proto("itl", "Cisco Trust List or Signed File")
local tftp_files = Proto("itl_tftp", "Cisco Trust Lists in TFTP")

local function declare(proto, fields)
    local all = {}
    for _, field in pairs(fields) do all[#all + 1] = field end
    proto.fields = all
    return fields
end

local function links(name)
    local request, answer = base.NONE, base.NONE
    return ProtoField.framenum(name .. ".response_in", "Response in", request, frametype.RESPONSE),
        ProtoField.framenum(name .. ".response_to", "Response to", answer, frametype.REQUEST),
        ProtoField.relative_time(name .. ".response_time", "Time from the request")
end

local capf_response_in, capf_response_to, capf_response_time = links("capf")
local F = declare(capf, {
    magic = ProtoField.uint8("capf.magic", "Magic", base.HEX),
    command = ProtoField.uint8("capf.command", "Command", base.DEC, CAPF_COMMANDS),
    session_id = ProtoField.uint32("capf.session_id", "Session ID", base.DEC),
    length = ProtoField.uint16("capf.length", "Length of the elements", base.DEC),
    response_in = capf_response_in,
    response_to = capf_response_to,
    response_time = capf_response_time,
    element = ProtoField.none("capf.element", "Element"),
    element_type = ProtoField.uint8("capf.element.type", "Type", base.DEC, CAPF_TAGS),
    element_length = ProtoField.uint16("capf.element.length", "Length", base.DEC),
    element_value = ProtoField.bytes("capf.element.value", "Value"),
    reason = ProtoField.uint32("capf.reason", "Reason", base.DEC, REASONS),
    reason_info = ProtoField.bytes("capf.reason_info", "Reason info"),
    certificate_type =
        ProtoField.uint32("capf.certificate_type", "Certificate type", base.DEC, CERTIFICATE_TYPES),
    certificate = ProtoField.bytes("capf.certificate", "Certificate (DER)"),
    certificate_part =
        ProtoField.uint8("capf.certificate.element.type", "Nested element: type", base.DEC),
    certificate_length =
        ProtoField.uint16("capf.certificate.element.length", "Nested element: length", base.DEC),
    certificate_prefix = ProtoField.bytes("capf.certificate.prefix", "Bytes before the DER"),
    certificate_id = ProtoField.bytes("capf.certificate_id", "Certificate ID"),
    signed_data = ProtoField.bytes("capf.signed_data", "Signed data"),
    version = ProtoField.uint32("capf.version", "CAPF version", base.DEC),
    auth_type = ProtoField.uint32("capf.auth_type", "Authentication", base.DEC, AUTH_TYPES),
    public_key = ProtoField.bytes("capf.public_key", "Public key (SubjectPublicKeyInfo)"),
    public_key_type = ProtoField.string("capf.public_key.type", "Key type"),
    public_key_size = ProtoField.uint32("capf.public_key.size", "Key size in bits", base.DEC),
    public_key_curve = ProtoField.string("capf.public_key.curve", "Curve"),
    public_key_modulus = ProtoField.bytes("capf.public_key.modulus", "Modulus"),
    public_key_exponent = ProtoField.bytes("capf.public_key.exponent", "Public exponent"),
    public_key_point = ProtoField.bytes("capf.public_key.point", "Point"),
    key_size = ProtoField.uint32("capf.key_size", "Key size in bits", base.DEC),
    password = ProtoField.string("capf.password", "Authentication string"),
    retry_delay = ProtoField.uint32("capf.retry_delay", "Retry delay in seconds", base.DEC),
    device_name = ProtoField.string("capf.device_name", "Device name"),
    sudi_data = ProtoField.bytes("capf.sudi_data", "SUDI data"),
    key_type = ProtoField.uint32("capf.key_type", "Key type", base.DEC, KEY_TYPES),
    curve = ProtoField.uint32("capf.curve", "Curve", base.DEC, CURVES),
    digest = ProtoField.bytes("capf.digest", "Digest"),
    sha2_signed_data = ProtoField.bytes("capf.sha2_signed_data", "Signed data (SHA-2)"),
})

local tvs_response_in, tvs_response_to, tvs_response_time = links("tvs")
local T = declare(tvs, {
    magic = ProtoField.uint8("tvs.magic", "Magic", base.HEX),
    version = ProtoField.uint8("tvs.version", "Version", base.DEC),
    command = ProtoField.uint8("tvs.command", "Command", base.DEC, TVS_COMMANDS),
    reserved = ProtoField.uint8("tvs.reserved", "Reserved", base.HEX),
    session_id = ProtoField.uint32("tvs.session_id", "Session ID", base.DEC),
    length = ProtoField.uint16("tvs.length", "Length of the elements", base.DEC),
    response_in = tvs_response_in,
    response_to = tvs_response_to,
    response_time = tvs_response_time,
    element = ProtoField.none("tvs.element", "Element"),
    element_type = ProtoField.uint8("tvs.element.type", "Type", base.DEC, TVS_TAGS),
    element_length = ProtoField.uint16("tvs.element.length", "Length", base.DEC),
    element_value = ProtoField.bytes("tvs.element.value", "Value"),
    device_name = ProtoField.string("tvs.device_name", "Device name"),
    certificate = ProtoField.bytes("tvs.certificate", "Certificate (DER)"),
    subject = ProtoField.string("tvs.subject", "Subject"),
    issuer = ProtoField.string("tvs.issuer", "Issuer"),
    serial = ProtoField.bytes("tvs.serial", "Serial number"),
    status = ProtoField.uint32("tvs.status", "Status", base.DEC, STATUSES),
    role = ProtoField.uint8("tvs.role", "Role", base.DEC), -- what each means is not known
    ttl = ProtoField.uint32("tvs.ttl", "Time to live in seconds", base.DEC),
})

local L = declare(itl, {
    version = ProtoField.string("itl.version", "Version"),
    header_length = ProtoField.uint16("itl.header_length", "Header length", base.DEC),
    signer_id = ProtoField.none("itl.signer_id", "Signer"),
    signer = ProtoField.string("itl.signer", "Signer's name"),
    signer_serial = ProtoField.bytes("itl.signer.serial", "Signer's serial number"),
    signer_ca = ProtoField.string("itl.signer.ca", "Signer's issuer"),
    signature_info = ProtoField.none("itl.signature_info", "Signature info"),
    digest_algorithm =
        ProtoField.uint8("itl.digest_algorithm", "Digest algorithm", base.DEC, DIGESTS),
    signature_algorithm_info = ProtoField.none("itl.signature_algorithm_info", "Algorithm info"),
    signature_algorithm =
        ProtoField.uint8("itl.signature_algorithm", "Signature algorithm", base.DEC, SIGNATURES),
    signature_modulus =
        ProtoField.uint8("itl.signature_modulus", "Signature modulus", base.DEC, MODULI),
    signature = ProtoField.bytes("itl.signature", "Signature"),
    padding = ProtoField.bytes("itl.padding", "Padding"),
    file_name = ProtoField.string("itl.file_name", "File name"),
    timestamp = ProtoField.absolute_time("itl.timestamp", "Timestamp", base.UTC),
    signer_version = ProtoField.string("itl.signer_version", "Signer's version"),
    field = ProtoField.none("itl.field", "Field"),
    field_type = ProtoField.uint8("itl.field.type", "Tag", base.DEC),
    field_length = ProtoField.uint16("itl.field.length", "Length", base.DEC),
    field_value = ProtoField.bytes("itl.field.value", "Value"),
    content = ProtoField.bytes("itl.content", "Signed content"),
    record = ProtoField.none("itl.record", "Record"),
    record_length = ProtoField.uint16("itl.record.length", "Record length", base.DEC),
    dns_name = ProtoField.string("itl.record.dns_name", "DNS name"),
    subject = ProtoField.string("itl.record.subject", "Subject"),
    record_function =
        ProtoField.uint16("itl.record.function", "Function", base.DEC, FUNCTIONS),
    issuer = ProtoField.string("itl.record.issuer", "Issuer"),
    serial = ProtoField.bytes("itl.record.serial", "Serial number"),
    public_key = ProtoField.bytes("itl.record.public_key", "Public key"),
    key_size = ProtoField.uint32("itl.record.key_size", "Key size in bits", base.DEC),
    record_signature = ProtoField.bytes("itl.record.signature", "Certificate's signature"),
    certificate = ProtoField.bytes("itl.record.certificate", "Certificate (DER)"),
    ip_address = ProtoField.string("itl.record.ip_address", "IP address"),
    certificate_hash = ProtoField.bytes("itl.record.certificate_hash", "Certificate hash"),
    hash_algorithm = ProtoField.uint32("itl.record.hash_algorithm", "Hash algorithm", base.DEC),
})

local function experts(proto, name)
    local made = {
        malformed = ProtoExpert.new(name .. ".malformed", "Malformed", expert.group.MALFORMED,
            expert.severity.ERROR),
        unexpected = ProtoExpert.new(name .. ".unexpected", "Unexpected message",
            expert.group.SEQUENCE, expert.severity.WARN),
        unknown_command = ProtoExpert.new(name .. ".unknown_command", "Unknown command",
            expert.group.UNDECODED, expert.severity.WARN),
        unknown_element = ProtoExpert.new(name .. ".unknown_element", "Unknown element",
            expert.group.UNDECODED, expert.severity.NOTE),
        failure = ProtoExpert.new(name .. ".failure", "Failure", expert.group.RESPONSE_CODE,
            expert.severity.WARN),
    }
    proto.experts = {
        made.malformed, made.unexpected, made.unknown_command, made.unknown_element, made.failure,
    }
    return made
end

local CAPF_EXPERTS = experts(capf, "capf")
local TVS_EXPERTS = experts(tvs, "tvs")
local ITL_EXPERTS = experts(itl, "itl")

-- Preferences ---------------------------------------------------------------------------------

capf.prefs.ports =
    Pref.range("CAPF ports", "3804", "TCP ports on which CAPF is spoken over TLS", 65535)
capf.prefs.show_passwords = Pref.bool("Show passwords", false,
    "Show the authentication strings that phones send; otherwise only how long they are")
tvs.prefs.ports =
    Pref.range("TVS ports", "2445", "TCP ports on which TVS is spoken over TLS", 65535)
itl.prefs.tftp = Pref.bool("Put TFTP files together", true,
    "Show trust lists and signed files on the last block of their transfer, although TFTP's own "
        .. "preference for defragmenting is off")

-- Reading -------------------------------------------------------------------------------------

local function number_at(tvb, offset, length)
    return tvb(offset, length):uint()
end

-- Text ends at its NUL, where it has one.
local function text_of(range)
    local raw = range:raw()
    for i = 1, #raw do
        if raw:byte(i) == 0 then
            return i == 1 and "" or range(0, i - 1):string(ENC_UTF_8)
        end
    end
    return range:string(ENC_UTF_8)
end

-- The fields (tag 1, length 2, value) from first up to last, and what is wrong: text, offset.
-- A lone byte of the value lone has neither length nor value.
local function fields_between(tvb, first, last, lone)
    local fields, at = {}, first
    while at < last do
        if #fields >= MAX_FIELDS then
            return fields, "More than " .. MAX_FIELDS .. " fields", at
        end
        local tag = number_at(tvb, at, 1)
        if tag == lone then
            fields[#fields + 1] = { tag = tag, at = at, value_at = at, length = 0, lone = true }
            at = at + 1
        else
            if last - at < 3 then
                return fields, (last - at) .. " bytes are left, too few for a field", at
            end
            local length = number_at(tvb, at + 1, 2)
            if last - at - 3 < length then
                local reason = "Tag " .. tag .. " of length " .. length .. " reaches "
                    .. (length - (last - at - 3)) .. " bytes past the end"
                return fields, reason, at
            end
            fields[#fields + 1] = { tag = tag, at = at, value_at = at + 3, length = length }
            at = at + 3 + length
        end
    end
    return fields
end

-- A DER value in the string raw at i: its tag, where its content begins, how long that is.
local function der_at(raw, i, stop)
    if i + 1 > stop then return nil end
    local tag, length, content = raw:byte(i), raw:byte(i + 1), i + 2
    if length >= 128 then
        local octets = length - 128
        if octets == 0 or octets > 3 or content + octets - 1 > stop then return nil end
        length = 0
        for n = content, content + octets - 1 do length = length * 256 + raw:byte(n) end
        content = content + octets
    end
    if content + length - 1 > stop then return nil end
    return tag, content, length
end

local RSA = "\42\134\72\134\247\13\1\1\1"
local EC = "\42\134\72\206\61\2\1"
local CURVE_OIDS = {
    ["\42\134\72\206\61\3\1\7"] = { "secp256r1", 256 },
    ["\43\129\4\0\34"] = { "secp384r1", 384 },
    ["\43\129\4\0\35"] = { "secp521r1", 521 },
}
local POINT_BITS = { [65] = 256, [97] = 384, [133] = 521 }

-- Bits of a number whose bytes stand in raw from i on; also its first byte that is not zero.
local function bits_at(raw, i, length)
    while length > 0 and raw:byte(i) == 0 do i, length = i + 1, length - 1 end
    if length == 0 then return 0, i, 0 end
    local first, bits = raw:byte(i), (length - 1) * 8
    while first > 0 do first, bits = math.floor(first / 2), bits + 1 end
    return bits, i, length
end

-- PKCS#1 RSAPublicKey from i on: bits, and the places of modulus and exponent.
local function rsa_key(raw, i, stop)
    local tag, at, length = der_at(raw, i, stop)
    if tag ~= 48 then return nil end
    local last = at + length - 1
    local modulus_tag, modulus_at, modulus_length = der_at(raw, at, last)
    if modulus_tag ~= 2 then return nil end
    local exponent_tag, exponent_at, exponent_length =
        der_at(raw, modulus_at + modulus_length, last)
    if exponent_tag ~= 2 then return nil end
    local bits, from, size = bits_at(raw, modulus_at, modulus_length)
    return {
        type = "RSA", bits = bits, modulus = { from, size },
        exponent = { exponent_at, exponent_length },
    }
end

-- SubjectPublicKeyInfo, or nil.
local function spki_key(raw)
    local tag, at, length = der_at(raw, 1, #raw)
    if tag ~= 48 then return nil end
    local stop = at + length - 1
    local algorithm_tag, algorithm_at, algorithm_length = der_at(raw, at, stop)
    if algorithm_tag ~= 48 then return nil end
    local algorithm_stop = algorithm_at + algorithm_length - 1
    local oid_tag, oid_at, oid_length = der_at(raw, algorithm_at, algorithm_stop)
    local bits_tag, bits_from, bits_length = der_at(raw, algorithm_stop + 1, stop)
    if oid_tag ~= 6 or bits_tag ~= 3 or bits_length < 2 then return nil end
    local oid = raw:sub(oid_at, oid_at + oid_length - 1)
    if oid == RSA then return rsa_key(raw, bits_from + 1, bits_from + bits_length - 1) end
    if oid ~= EC then return nil end
    local curve_tag, curve_at, curve_length =
        der_at(raw, oid_at + oid_length, algorithm_stop)
    local curve = curve_tag == 6 and CURVE_OIDS[raw:sub(curve_at, curve_at + curve_length - 1)]
    return {
        type = "EC", curve = curve and curve[1], bits = curve and curve[2],
        point = { bits_from + 1, bits_length - 1 },
    }
end

local function key_text(key)
    if not key then return "a key of unknown form" end
    if key.curve then return key.type .. " " .. key.curve end
    return key.bits and key.type .. " " .. key.bits or key.type
end

-- Showing -------------------------------------------------------------------------------------

-- Hand DER to Wireshark's own dissector. What it makes of damaged DER it says itself; the error
-- that a dissector raises in Lua then has told all it has to.
local function show_certificate(range, pinfo, tree)
    local syntax = DissectorTable.get("ber.syntax")
    if not syntax or range:len() == 0 then return end
    pcall(function() syntax:try("Certificate", range:tvb(), pinfo, tree) end)
end

-- Say in the Info column what a message is; several in a frame stand in a row. What is said is
-- fenced, so that TLS and HTTP clear only what is their own.
local function tell(pinfo, text)
    local info = pinfo.cols.info
    info:clear()
    info:append((tostring(info) == "" and "" or "; ") .. text)
    info:fence()
end

local function complain(item, expert_info, text)
    item:add_proto_expert_info(expert_info, text)
end

-- An element under tree: its item, with type and length.
local function show_frame_of(P, tree, tvb, element, name)
    local item = tree:add(P.element, tvb(element.at, 3 + element.length))
    item:set_text(name)
    item:add(P.element_type, tvb(element.at, 1))
    item:add(P.element_length, tvb(element.at + 1, 2))
    return item
end

-- Requests and answers ------------------------------------------------------------------------

local conversations -- by both ends: what is known of a session so far
local told -- by message: what the first pass found out

local function forget()
    conversations, told = {}, {}
end
forget()

local function ends_of(pinfo)
    local from = tostring(pinfo.src) .. "|" .. pinfo.src_port
    local to = tostring(pinfo.dst) .. "|" .. pinfo.dst_port
    return from, to
end

local function key_of(proto, from, to)
    return proto .. (from < to and from .. "|" .. to or to .. "|" .. from)
end

local function conversation_of(proto, pinfo)
    local from, to = ends_of(pinfo)
    local key = key_of(proto, from, to)
    local conversation = conversations[key]
    if not conversation then
        conversation = { requests = {} }
        conversations[key] = conversation
    end
    return conversation, from, to
end

-- Where a message stands: its frame, its place there, and its header, which is never the same for
-- two messages at one place.
local function place_of(tvb, pinfo, header)
    return pinfo.number .. "|" .. tvb:offset() .. "|" .. tvb:raw(0, math.min(tvb:len(), header))
end

local function link(conversation, message, pinfo, asks, answers)
    local requests = conversation.requests
    if asks then
        requests[asks] = requests[asks] or {}
        table.insert(requests[asks], message)
    end
    local open = answers and requests[answers]
    local request = open and table.remove(open, 1)
    if request then
        request.response_in = pinfo.number
        message.response_to = request.frame
        message.response_time = pinfo.abs_ts - request.time
    end
    return request ~= nil
end

local function seconds(value)
    local whole = math.floor(value)
    return NSTime.new(whole, math.floor((value - whole) * 1000000 + 0.5) * 1000)
end

local function show_links(P, item, message)
    if message.response_in then
        item:add(P.response_in, message.response_in):set_generated()
    end
    if message.response_to then
        item:add(P.response_to, message.response_to):set_generated()
        item:add(P.response_time, seconds(math.max(message.response_time, 0))):set_generated()
    end
end

-- CAPF ----------------------------------------------------------------------------------------

local CAPF_ANSWERS = { -- an answer and its request
    [2] = 1, [4] = 3, [6] = 5, [8] = 7, [10] = 9, [12] = 11, [14] = 13, [19] = 18, [21] = 20,
    [23] = 22,
}
local CAPF_REQUESTS = {}
for answer, request in pairs(CAPF_ANSWERS) do CAPF_REQUESTS[request] = answer end

-- Who may say what where, and where that leads; capf_dissectors has the same table (capf_order).
-- A KEYGEN_RESPONSE without a key leads nowhere but to the end, which is allowed behind one anyway.
local ORDER = {
    begun = { [1] = "authentication asked" },
    ["authentication asked"] = { [2] = "authenticated" },
    authenticated = { [3] = "key asked", [11] = "fetch asked", [13] = "deletion asked",
        [15] = "ended", [16] = "ended" },
    ["key asked"] = { [4] = "key made" },
    ["key made"] = { [9] = "storing asked", [5] = "encryption asked", [15] = "ended" },
    ["encryption asked"] = { [6] = "encrypted" },
    encrypted = { [9] = "storing asked", [15] = "ended" },
    ["storing asked"] = { [10] = "done" },
    ["fetch asked"] = { [12] = "done" },
    ["deletion asked"] = { [14] = "done" },
    done = { [3] = "key asked", [11] = "fetch asked", [13] = "deletion asked", [15] = "ended" },
    ended = {},
}
local LEADS_TO = {} -- each command to one place, wherever it is said
for _, steps in pairs(ORDER) do
    for command, place in pairs(steps) do LEADS_TO[command] = place end
end
local TAKES_TIME = { -- where who is to speak may first say REQUEST_IN_PROGRESS
    ["key asked"] = true, ["key made"] = true, ["encryption asked"] = true, encrypted = true,
    ["storing asked"] = true, ["fetch asked"] = true, ["deletion asked"] = true,
}
local OF_SERVER = { -- 5 to 8 and 17 to 21 come from either
    [1] = true, [3] = true, [9] = true, [11] = true, [13] = true, [15] = true, [16] = true,
    [22] = true,
}
local OF_PHONE = { [2] = true, [4] = true, [10] = true, [12] = true, [14] = true, [23] = true }

-- Why a message is not to be expected where it stands, or nil; the state goes on. A capture may
-- begin within a session, and ports are used again by later connections.
local function order_of(state, command, session)
    local name, place = CAPF_COMMANDS[command], state.place
    if command == 1 then
        local again = place and place ~= "ended" and state.session == session
        state.place, state.session = "authentication asked", session
        return again and "AUTH_REQUEST within a session that has begun" or nil
    end
    if state.session and state.session ~= session then
        return "Session " .. session .. " within session " .. state.session
    end
    state.session = session
    if command == 17 then
        return place and not TAKES_TIME[place] and name .. " where the place is: " .. place or nil
    end
    if not LEADS_TO[command] then
        state.place = nil
        return nil
    end
    state.place = LEADS_TO[command]
    return place and not ORDER[place][command] and name .. " where the place is: " .. place or nil
end

local function side_of(state, command, from, to)
    if not (OF_SERVER[command] or OF_PHONE[command]) then return nil end
    local server = OF_SERVER[command] and from or to
    state.server = state.server or server
    if state.server == server then return nil end
    local side = OF_SERVER[command] and "phone" or "server"
    return CAPF_COMMANDS[command] .. " comes from the " .. side
end

local function capf_state(tvb, pinfo, command, session)
    local place = place_of(tvb, pinfo, 8)
    local message = told[place]
    if message or pinfo.visited then return message or {} end
    message = { frame = pinfo.number, time = pinfo.abs_ts }
    told[place] = message
    local state, from, to = conversation_of("capf", pinfo)
    if command == 1 then state.requests = {} end -- what is open is of an earlier connection
    link(state, message, pinfo, CAPF_REQUESTS[command] and command, CAPF_ANSWERS[command])
    local order = order_of(state, command, session)
    message.unexpected = side_of(state, command, from, to) or order
    return message
end

local function show_key(key, item, range)
    if not key then
        complain(item, CAPF_EXPERTS.malformed, "No SubjectPublicKeyInfo of RSA or EC")
        return
    end
    local function part(field, place)
        if place and place[2] > 0 then item:add(field, range(place[1] - 1, place[2])) end
    end
    item:add(F.public_key_type, range, key.type):set_generated()
    if key.bits then item:add(F.public_key_size, range, key.bits):set_generated() end
    if key.curve then item:add(F.public_key_curve, range, key.curve):set_generated() end
    part(F.public_key_modulus, key.modulus)
    part(F.public_key_exponent, key.exponent)
    part(F.public_key_point, key.point)
end

-- Where the DER stands in a CERTIFICATE element: within a nested element and two bytes more, or
-- behind a prefix of four bytes, or alone.
local function der_in(range)
    local raw, size = range:raw(), range:len()
    local function begins(at)
        return der_at(raw, at + 1, size) == 48
    end
    local nested = size > 3 and raw:byte(2) * 256 + raw:byte(3) == size - 3
    for _, at in ipairs(nested and { 5, 3, 4, 0 } or { 0, 4, 5 }) do
        if at < size and begins(at) then return at, nested end
    end
    return nil, nested
end

local show = {} -- how an element of each kind is shown; answers what the Info column says of it

function show.number(spec, item, range)
    if range:len() > 4 then
        complain(item, CAPF_EXPERTS.malformed, spec.name .. " has " .. range:len() .. " bytes")
        item:add(F.element_value, range)
        return nil
    end
    local value = range:uint()
    local text = spec.values and named(spec.values, value) or tostring(value)
    item:append_text(": " .. text)
    item:add(spec.field, range, value)
    if spec.failure and spec.failure(value) then
        complain(item, CAPF_EXPERTS.failure, spec.name .. " " .. value .. ": " .. text)
    end
    return spec.info and spec.info(text, value)
end

function show.text(spec, item, range)
    local text = text_of(range)
    item:append_text(": " .. text)
    item:add(spec.field, range, text)
    return text ~= "" and text or nil
end

function show.bytes(spec, item, range)
    item:append_text(": " .. range:len() .. " bytes")
    item:add(spec.field, range)
end

function show.password(spec, item, range)
    local text = text_of(range)
    local length = #text
    if not capf.prefs.show_passwords then text = string.rep("*", length) end
    item:append_text(": " .. text .. " (" .. length .. " characters)")
    item:add(spec.field, range, text)
    return length > 0 and "authentication string of " .. length .. " characters" or nil
end

function show.key(spec, item, range)
    local key = spki_key(range:raw())
    item:append_text(": " .. key_text(key))
    show_key(key, item:add(spec.field, range), range)
    return key_text(key)
end

function show.certificate(spec, item, range, pinfo)
    local at, nested = der_in(range)
    if nested then
        item:add(F.certificate_part, range(0, 1))
        item:add(F.certificate_length, range(1, 2))
    end
    if not at then
        complain(item, CAPF_EXPERTS.malformed, "There is no certificate in DER in the element")
        item:add(F.element_value, range)
        return "no certificate"
    end
    if at > 0 then item:add(F.certificate_prefix, range(0, at)) end
    local der = range(at, range:len() - at)
    item:append_text(": " .. der:len() .. " bytes of DER")
    show_certificate(der, pinfo, item:add(spec.field, der))
    return "certificate of " .. der:len() .. " bytes"
end

local function is_failure(value) return value > 1 end
local function as_it_is(text) return text end

local CAPF_ELEMENTS = {
    [1] = { name = "Reason", kind = "number", field = F.reason, values = REASONS,
        failure = is_failure,
        info = function(text, value) return "reason " .. value .. " (" .. text .. ")" end },
    [2] = { name = "Reason info", kind = "bytes", field = F.reason_info },
    [3] = { name = "Certificate type", kind = "number", field = F.certificate_type,
        values = CERTIFICATE_TYPES, info = as_it_is },
    [4] = { name = "Certificate", kind = "certificate", field = F.certificate },
    [5] = { name = "Certificate ID", kind = "bytes", field = F.certificate_id },
    [6] = { name = "Signed data", kind = "bytes", field = F.signed_data },
    [7] = { name = "CAPF version", kind = "number", field = F.version },
    [8] = { name = "Authentication", kind = "number", field = F.auth_type, values = AUTH_TYPES,
        info = function(text) return "authentication " .. text end },
    [9] = { name = "Public key", kind = "key", field = F.public_key },
    [10] = { name = "Key size", kind = "number", field = F.key_size,
        info = function(text) return text .. " bits" end },
    [11] = { name = "Authentication string", kind = "password", field = F.password },
    [12] = { name = "Retry delay", kind = "number", field = F.retry_delay,
        info = function(text) return "retry after " .. text .. " s" end },
    [13] = { name = "Device name", kind = "text", field = F.device_name },
    [16] = { name = "SUDI data", kind = "bytes", field = F.sudi_data },
    [17] = { name = "Key type", kind = "number", field = F.key_type, values = KEY_TYPES,
        info = as_it_is },
    [18] = { name = "Curve", kind = "number", field = F.curve, values = CURVES, info = as_it_is },
    [19] = { name = "Digest", kind = "bytes", field = F.digest },
    [20] = { name = "Signed data (SHA-2)", kind = "bytes", field = F.sha2_signed_data },
}

local function show_capf_element(tvb, pinfo, tree, element)
    local spec = CAPF_ELEMENTS[element.tag]
    local name = spec and spec.name or "Unknown element " .. element.tag
    local item = show_frame_of(F, tree, tvb, element, name)
    if element.length == 0 then
        item:append_text(": empty")
        if not spec then complain(item, CAPF_EXPERTS.unknown_element, name) end
        return nil
    end
    local range = tvb(element.value_at, element.length)
    if spec then return show[spec.kind](spec, item, range, pinfo) end
    complain(item, CAPF_EXPERTS.unknown_element, name)
    item:append_text(": " .. element.length .. " bytes")
    item:add(F.element_value, range)
    return "element " .. element.tag
end

-- What does not begin as a message of a protocol does.
local function show_foreign(name, proto, experts_of, tvb, pinfo, tree)
    local item = tree:add(proto, tvb())
    item:append_text(", no message")
    complain(item, experts_of.malformed, name .. " messages do not begin so")
    tell(pinfo, "no " .. name .. " message")
end

local function show_capf(tvb, pinfo, tree)
    pinfo.cols.protocol = "CAPF"
    if tvb:len() < 8 or number_at(tvb, 0, 1) ~= 85 then
        show_foreign("CAPF", capf, CAPF_EXPERTS, tvb, pinfo, tree)
        return
    end
    local command, session = number_at(tvb, 1, 1), number_at(tvb, 2, 4)
    local name = CAPF_COMMANDS[command] or "COMMAND_" .. command
    local says = { name, "session " .. session }
    local message = capf_state(tvb, pinfo, command, session)
    local item = tree:add(capf, tvb())
    item:append_text(", " .. name .. ", session " .. session)
    item:add(F.magic, tvb(0, 1))
    local command_item = item:add(F.command, tvb(1, 1))
    item:add(F.session_id, tvb(2, 4))
    item:add(F.length, tvb(6, 2))
    show_links(F, item, message)
    if not CAPF_COMMANDS[command] then
        complain(command_item, CAPF_EXPERTS.unknown_command, "Unknown command " .. command)
    end
    if message.unexpected then
        complain(command_item, CAPF_EXPERTS.unexpected, message.unexpected)
    end
    local last = math.min(tvb:len(), 8 + number_at(tvb, 6, 2))
    local elements, wrong, at = fields_between(tvb, 8, last)
    for _, element in ipairs(elements) do
        local said = show_capf_element(tvb, pinfo, item, element)
        if said then says[#says + 1] = said end
    end
    if wrong then
        complain(item:add(F.element_value, tvb(at, last - at)), CAPF_EXPERTS.malformed, wrong)
        says[#says + 1] = "malformed"
    end
    tell(pinfo, table.concat(says, ", "))
end

-- TVS -----------------------------------------------------------------------------------------

local TVS_ANSWERS = { [2] = 1, [4] = 3 }

local function tvs_state(tvb, pinfo, command)
    local place = place_of(tvb, pinfo, 10)
    local message = told[place]
    if message or pinfo.visited then return message or {} end
    message = { frame = pinfo.number, time = pinfo.abs_ts }
    told[place] = message
    local state = conversation_of("tvs", pinfo)
    local request = TVS_ANSWERS[command]
    local asks = command == 1 or command == 3
    local answered = link(state, message, pinfo, asks and command, request)
    if request and not answered and state.begun then
        message.unexpected = TVS_COMMANDS[command] .. " answers no request"
    end
    state.begun = true
    return message
end

local tvs_show = {}

function tvs_show.device_name(item, range)
    local marked = range:len() > 1 and range(0, 1):uint() < 32 -- a byte 1 stands before the name
    local text = text_of(marked and range(1, range:len() - 1) or range)
    item:append_text(": " .. text)
    item:add(T.device_name, range, text)
    return text
end

function tvs_show.certificate(item, range, pinfo)
    item:append_text(": " .. range:len() .. " bytes of DER")
    show_certificate(range, pinfo, item:add(T.certificate, range))
    return "certificate of " .. range:len() .. " bytes"
end

local function tvs_text(field)
    return function(item, range)
        local text = text_of(range)
        item:append_text(": " .. text)
        item:add(field, range, text)
        return text
    end
end

tvs_show.subject = tvs_text(T.subject)
tvs_show.issuer = tvs_text(T.issuer)

function tvs_show.serial(item, range)
    item:append_text(": " .. tostring(range:bytes()):lower())
    item:add(T.serial, range)
end

local function tvs_number(item, range)
    if range:len() <= 4 then return range:uint() end
    complain(item, TVS_EXPERTS.malformed, "The element has " .. range:len() .. " bytes")
    item:add(T.element_value, range)
    return nil
end

function tvs_show.status(item, range)
    local value = tvs_number(item, range)
    if not value then return nil end
    local text = named(STATUSES, value)
    item:append_text(": " .. text)
    item:add(T.status, range, value)
    if value ~= 0 then
        complain(item, TVS_EXPERTS.failure, "Status " .. value .. ": " .. text)
    end
    return text
end

function tvs_show.roles(item, range)
    local roles = {}
    for at = 0, math.min(range:len(), MAX_FIELDS) - 1 do
        item:add(T.role, range(at, 1))
        roles[#roles + 1] = range(at, 1):uint()
    end
    local text = table.concat(roles, " ")
    item:append_text(": " .. text)
    return "role " .. text
end

function tvs_show.ttl(item, range)
    local value = tvs_number(item, range)
    if not value then return nil end
    item:append_text(": " .. value .. " s")
    item:add(T.ttl, range, value)
    return "for " .. value .. " s"
end

local TVS_ELEMENTS = {
    [1] = { "Device name", tvs_show.device_name }, [2] = { "Certificate", tvs_show.certificate },
    [3] = { "Subject", tvs_show.subject }, [4] = { "Issuer", tvs_show.issuer },
    [5] = { "Serial number", tvs_show.serial }, [7] = { "Status", tvs_show.status },
    [8] = { "Roles", tvs_show.roles }, [9] = { "Time to live", tvs_show.ttl },
}

local function show_tvs_element(tvb, pinfo, tree, element)
    local spec = TVS_ELEMENTS[element.tag]
    local name = spec and spec[1] or "Unknown element " .. element.tag
    local item = show_frame_of(T, tree, tvb, element, name)
    if not spec then complain(item, TVS_EXPERTS.unknown_element, name) end
    if element.length == 0 then
        item:append_text(": empty")
        return nil
    end
    local range = tvb(element.value_at, element.length)
    if spec then return spec[2](item, range, pinfo) end
    item:add(T.element_value, range)
    return "element " .. element.tag
end

local function show_tvs(tvb, pinfo, tree)
    pinfo.cols.protocol = "TVS"
    if tvb:len() < 10 or number_at(tvb, 0, 1) ~= 87 then
        show_foreign("TVS", tvs, TVS_EXPERTS, tvb, pinfo, tree)
        return
    end
    local command, session = number_at(tvb, 2, 1), number_at(tvb, 4, 4)
    local name = TVS_COMMANDS[command] or "COMMAND_" .. command
    local says = { name, "session " .. session }
    local message = tvs_state(tvb, pinfo, command)
    local item = tree:add(tvs, tvb())
    item:append_text(", " .. name .. ", session " .. session)
    item:add(T.magic, tvb(0, 1))
    item:add(T.version, tvb(1, 1))
    local command_item = item:add(T.command, tvb(2, 1))
    item:add(T.reserved, tvb(3, 1))
    item:add(T.session_id, tvb(4, 4))
    item:add(T.length, tvb(8, 2))
    show_links(T, item, message)
    if not TVS_COMMANDS[command] then
        complain(command_item, TVS_EXPERTS.unknown_command, "Unknown command " .. command)
    end
    if message.unexpected then
        complain(command_item, TVS_EXPERTS.unexpected, message.unexpected)
    end
    local last = math.min(tvb:len(), 10 + number_at(tvb, 8, 2))
    local elements, wrong, at = fields_between(tvb, 10, last)
    for _, element in ipairs(elements) do
        local said = show_tvs_element(tvb, pinfo, item, element)
        if said then says[#says + 1] = said end
    end
    if wrong then
        complain(item:add(T.element_value, tvb(at, last - at)), TVS_EXPERTS.malformed, wrong)
        says[#says + 1] = "malformed"
    end
    tell(pinfo, table.concat(says, ", "))
end

-- Whether bytes that begin as no message does stand in a conversation that had messages before.
local function is_among_messages(proto, tvb, pinfo)
    local place = place_of(tvb, pinfo, 0) .. proto
    if not pinfo.visited then
        told[place] = conversations[key_of(proto, ends_of(pinfo))] ~= nil or nil
    end
    return told[place] ~= nil
end

-- Messages out of a stream: both protocols end their header with the length of what follows.
local function in_stream(proto, magic, header, show_message)
    local function length_at(tvb, _, offset)
        if number_at(tvb, offset, 1) ~= magic then return tvb:len() - offset end
        return header + number_at(tvb, offset + header - 2, 2)
    end
    local function one(tvb, pinfo, tree)
        show_message(tvb, pinfo, tree)
        return tvb:len()
    end
    return function(tvb, pinfo, tree)
        if tvb:len() == 0 then return 0 end
        if number_at(tvb, 0, 1) ~= magic then
            if not is_among_messages(proto, tvb, pinfo) then return 0 end
            return one(tvb, pinfo, tree)
        end
        dissect_tcp_pdus(tvb, tree, header, length_at, one)
        return tvb:len()
    end
end

capf.dissector = in_stream("capf", 85, 8, show_capf)
tvs.dissector = in_stream("tvs", 87, 10, show_tvs)

-- Trust lists and signed files ----------------------------------------------------------------

local show_header_fields

local function itl_text(field)
    return function(item, range)
        local text = text_of(range)
        item:add(field, range, text)
        return text
    end
end

local function itl_bytes(field)
    return function(item, range) item:add(field, range) end
end

local function itl_number(field, most)
    return function(item, range)
        if range:len() > most then return false end
        item:add(field, range, range:uint())
        return range:uint()
    end
end

local function itl_pair(field)
    return function(item, range)
        if range:len() ~= 2 then return false end
        local text = range(0, 1):uint() .. "." .. range(1, 1):uint()
        item:add(field, range, text)
        return text
    end
end

local function itl_container(field, name)
    return function(item, range, file)
        local inner = item:add(field, range)
        inner:set_text(name)
        show_header_fields(file, inner, range:offset(), range:offset() + range:len(), true)
    end
end

local HEADER_FIELDS = {
    [1] = itl_pair(L.version),
    [2] = itl_number(L.header_length, 2),
    [3] = itl_container(L.signer_id, "Signer"),
    [4] = itl_text(L.signer),
    [5] = itl_bytes(L.signer_serial),
    [6] = itl_text(L.signer_ca),
    [7] = itl_container(L.signature_info, "Signature info"),
    [8] = itl_number(L.digest_algorithm, 1),
    [9] = itl_container(L.signature_algorithm_info, "Signature algorithm info"),
    [10] = itl_number(L.signature_algorithm, 1),
    [11] = itl_number(L.signature_modulus, 1),
    [12] = itl_bytes(L.signature),
    [14] = itl_text(L.file_name),
    [15] = function(item, range)
        if range:len() ~= 4 then return false end
        item:add(L.timestamp, range)
        return nil
    end,
    [28] = itl_pair(L.signer_version),
}

local function show_unknown_field(tree, tvb, field)
    local item = tree:add(L.field, tvb(field.at, 3 + field.length))
    item:set_text("Tag " .. field.tag .. ": " .. field.length .. " bytes")
    item:add(L.field_type, tvb(field.at, 1))
    item:add(L.field_length, tvb(field.at + 1, 2))
    if field.length > 0 then item:add(L.field_value, tvb(field.value_at, field.length)) end
    return item
end

-- Offsets count from the first byte of the file, which is all of file.tvb.
show_header_fields = function(file, tree, first, last, nested)
    local tvb = file.tvb
    local fields, wrong, at = fields_between(tvb, first, last, not nested and 13 or nil)
    for _, field in ipairs(fields) do
        local how = HEADER_FIELDS[field.tag]
        local said
        if field.lone then
            tree:add(L.padding, tvb(field.at, 1))
        elseif field.length == 0 then
            show_unknown_field(tree, tvb, field)
        elseif how then
            said = how(tree, tvb(field.value_at, field.length), file)
            if said == false then
                complain(show_unknown_field(tree, tvb, field), ITL_EXPERTS.malformed,
                    "Tag " .. field.tag .. " has the length " .. field.length)
            end
        else
            show_unknown_field(tree, tvb, field)
        end
        file.seen[field.tag] = file.seen[field.tag] or said
    end
    if wrong then
        complain(tree:add(L.field_value, tvb(at, last - at)), ITL_EXPERTS.malformed, wrong)
        file.malformed = true
    end
end

local function itl_key(item, range)
    local raw = range:raw()
    local key = rsa_key(raw, 1, #raw)
    local bits = key and key.bits or POINT_BITS[#raw]
    local shown = item:add(L.public_key, range)
    if bits then shown:add(L.key_size, range, bits):set_generated() end
end

local function itl_address(item, range)
    local raw = range:raw()
    if #raw == 4 then
        item:add(L.ip_address, range, tostring(range:ipv4()))
    elseif #raw == 16 and raw:find("[^%x%.:]", 1) and raw:byte(16) ~= 0 then
        item:add(L.ip_address, range, tostring(range:ipv6()))
    else
        item:add(L.ip_address, range, text_of(range))
    end
end

local RECORD_FIELDS = {
    [2] = itl_text(L.dns_name),
    [3] = itl_text(L.subject),
    [4] = function(item, range)
        if range:len() ~= 2 then return false end
        item:add(L.record_function, range)
        return named(FUNCTIONS, range:uint())
    end,
    [5] = itl_text(L.issuer),
    [6] = itl_bytes(L.serial),
    [7] = itl_key,
    [8] = itl_bytes(L.record_signature),
    [9] = function(item, range, file)
        show_certificate(range, file.pinfo, item:add(L.certificate, range))
    end,
    [10] = itl_address,
    [11] = itl_bytes(L.certificate_hash),
    [12] = itl_number(L.hash_algorithm, 4),
}

-- The record at an offset; how long it is, or nil where no further one can be found.
local function show_record(file, tree, at, number)
    local tvb = file.tvb
    local left = tvb:len() - at
    local fits = left >= 5 and number_at(tvb, at, 1) == 1 and number_at(tvb, at + 1, 2) == 2
    local length = fits and number_at(tvb, at + 3, 2) or 0
    if length < 5 or length > left then
        local item = tree:add(L.field_value, tvb(at, left))
        local reason = length > left
            and "The record of " .. length .. " bytes ends " .. (length - left) .. " bytes early"
            or "Here a record must begin"
        complain(item, ITL_EXPERTS.malformed, reason)
        file.malformed = true
        return nil
    end
    local item = tree:add(L.record, tvb(at, length))
    item:set_text("Record " .. number)
    item:add(L.record_length, tvb(at + 3, 2))
    local fields, wrong, wrong_at = fields_between(tvb, at + 5, at + length)
    local told_of = {}
    for _, field in ipairs(fields) do
        local how = RECORD_FIELDS[field.tag]
        local said
        if how and field.length > 0 then
            said = how(item, tvb(field.value_at, field.length), file)
        elseif not how then
            show_unknown_field(item, tvb, field)
        end
        if said == false then
            complain(show_unknown_field(item, tvb, field), ITL_EXPERTS.malformed,
                "Tag " .. field.tag .. " has the length " .. field.length)
        end
        told_of[field.tag] = told_of[field.tag] or said
    end
    for _, tag in ipairs({ 4, 3, 2 }) do
        if told_of[tag] then item:append_text(", " .. told_of[tag]) end
    end
    if wrong then
        local rest = item:add(L.field_value, tvb(wrong_at, at + length - wrong_at))
        complain(rest, ITL_EXPERTS.malformed, wrong)
        file.malformed = true
    end
    return length
end

local function show_records(file, tree, at)
    local count = 0
    while at < file.tvb:len() do
        if count >= MAX_RECORDS then
            complain(tree, ITL_EXPERTS.malformed, "More than " .. MAX_RECORDS .. " records")
            break
        end
        local length = show_record(file, tree, at, count + 1)
        if not length then break end
        count, at = count + 1, at + length
    end
    return count .. (count == 1 and " record" or " records")
end

-- What was signed: XML, mostly, which Wireshark reads itself.
local function show_content(file, tree, at, encrypted)
    local size = file.tvb:len() - at
    if size <= 0 then return end
    local range = file.tvb(at, size)
    local item = tree:add(L.content, range)
    local xml = not encrypted and range(0, 1):uint() == 60 and Dissector.get("xml")
    if xml then pcall(function() xml:call(range:tvb(), file.pinfo, item) end) end
end

local function is_signed(tvb)
    return tvb:len() >= 10 and number_at(tvb, 0, 3) == 65538 and number_at(tvb, 5, 3) == 131074
end

local function show_file(tvb, pinfo, tree, carrier)
    local item = tree:add(itl, tvb())
    local file = { tvb = tvb, pinfo = pinfo, seen = {} }
    local size = number_at(tvb, 8, 2)
    local major, minor = number_at(tvb, 3, 1), number_at(tvb, 4, 1)
    local list = major == 1 and minor >= 2
    local kind = list and "Trust list" or major >= 2 and "Encrypted file" or "Signed file"
    local last = math.min(size, tvb:len())
    if size < 10 then
        complain(item, ITL_EXPERTS.malformed, "The header's length is " .. size)
        last, file.malformed = tvb:len(), true
    elseif size > tvb:len() then
        complain(item, ITL_EXPERTS.malformed,
            "The header of " .. size .. " bytes ends " .. (size - tvb:len()) .. " bytes early")
        file.malformed = true
    end
    show_header_fields(file, item, 0, last)
    local says = { kind }
    if list then
        says[2] = show_records(file, item, last)
    else
        show_content(file, item, last, major >= 2)
        says[2] = file.seen[14] or (tvb:len() - last) .. " bytes"
    end
    if file.seen[4] then says[#says + 1] = "signed by " .. file.seen[4] end
    if file.malformed then says[#says + 1] = "malformed" end
    item:append_text(", " .. table.concat(says, ", "))
    pinfo.cols.protocol = carrier .. "/ITL"
    pinfo.cols.info:append(" (" .. table.concat(says, ", ") .. ")")
end

-- Bodies of HTTP. Those of types that nobody else dissects come by the heuristic list; of these
-- types, what is none of ours goes to whoever had the type before.
local media = DissectorTable.get("media_type")
local others = {}

local function register_http()
    for _, kind in ipairs({ "application/octet-stream", "application/xml", "text/xml" }) do
        others[kind] = media:get_dissector(kind)
        media:add(kind, itl)
    end
end

function itl.dissector(tvb, pinfo, tree)
    if is_signed(tvb) then
        show_file(tvb, pinfo, tree, "HTTP")
        return tvb:len()
    end
    local other = others[(pinfo.match_string or ""):lower()]
    return other and other:call(tvb, pinfo, tree) or 0
end

local function heuristic(carrier, then_do)
    return function(tvb, pinfo, tree)
        if not is_signed(tvb) then return false end
        show_file(tvb, pinfo, tree, carrier)
        if then_do then then_do() end
        return true
    end
end

-- TFTP: Wireshark puts files together only where its preference says so. Where it does not, blocks
-- are kept here until a file is whole, and the file is shown on its last block.
local tftp = Dissector.get("tftp")
local transfers -- by both ends: blocks of a file, on the first pass
local files -- by frame: the file that its block ends
local contents -- each file once, though a thousand phones load it
local transfer_count
local shown -- whether Wireshark itself has put the file together

local function forget_files()
    transfers, files, contents, transfer_count = {}, {}, {}, 0
end
forget_files()

local function transfer_of(pinfo, to_server, begin)
    local source, destination = tostring(pinfo.src), tostring(pinfo.dst)
    local client = to_server and source .. "|" .. pinfo.src_port .. "|" .. destination
        or destination .. "|" .. pinfo.dst_port .. "|" .. source
    if begin then
        if not transfers[client] then transfer_count = transfer_count + 1 end
        if transfer_count > MAX_FILES then transfers, transfer_count = {}, 1 end
        transfers[client] = { block_size = 512, blocks = {}, size = 0 }
    end
    return transfers[client], client
end

local function let_go(client)
    transfers[client] = nil
    transfer_count = transfer_count - 1
end

local function joined(transfer)
    for number = 1, transfer.last do
        if not transfer.blocks[number] then return nil end
    end
    return table.concat(transfer.blocks, "", 1, transfer.last)
end

-- A block of a file: the whole file is noted with its last one.
local function with_block(pinfo, number, data)
    local transfer, client = transfer_of(pinfo, false)
    if not transfer or transfer.blocks[number] then return end
    transfer.size = transfer.size + #data
    if transfer.size > MAX_FILE then return let_go(client) end
    if number == 1 and data:sub(1, 3) ~= "\1\0\2" then return let_go(client) end
    transfer.blocks[number] = data
    if #data < transfer.block_size then transfer.last = number end
    local file = transfer.last and joined(transfer)
    if not file then return end
    contents[file] = contents[file] or file
    files[pinfo.number] = contents[file]
    let_go(client)
end

local function with_packet(pinfo, operation, number, data, block_size)
    if operation == 1 then
        transfer_of(pinfo, true, true)
    elseif operation == 3 then
        with_block(pinfo, number, data)
    elseif operation == 6 then
        local transfer = transfer_of(pinfo, false)
        if transfer then transfer.block_size = block_size or 512 end
    end
end

local function show_whole(pinfo, tree)
    local file = files[pinfo.number]
    if not file or shown then return end
    local whole = ByteArray.new(file, true):tvb("File from TFTP blocks")
    if is_signed(whole) then show_file(whole, pinfo, tree, "TFTP") end
end

-- From 4.0 on, what Wireshark calls for port 69, and for the conversation that a request opens, is
-- the dissector here: it lets Wireshark's own show the packet. Nothing else is looked at.
local function block_size_in(tvb)
    local options = tvb:raw(2, math.min(tvb:len() - 2, 512)):lower()
    return tonumber(options:match("blksize%z(%d+)%z") or options:match("blksize%z(%d+)$"))
end

local can_follow = true

-- Wireshark has opened a conversation of the client's port with whatever port the server answers
-- from. It is found where no closer one is: so the server's port is another one for a moment.
local function follow_answers(pinfo)
    local port = pinfo.dst_port
    pcall(function()
        pinfo.dst_port = 65535
        pinfo.conversation = tftp_files
    end)
    pinfo.dst_port = port
end

local function take_along(tvb, pinfo, tree)
    shown = false
    local read = tftp:call(tvb, pinfo, tree)
    if not (itl.prefs.tftp and can_follow) or tvb:len() < 4 then return read end
    local operation = number_at(tvb, 0, 2)
    if pinfo.dst_port == 69 then
        follow_answers(pinfo)
    elseif read == 0 and operation == 3 then
        can_follow = false -- a Wireshark whose own dissector refuses conversations of another
    end
    if not pinfo.visited and tvb:len() >= tvb:reported_len() then
        local data = operation == 3 and tvb:len() > 4 and tvb:raw(4, tvb:len() - 4) or ""
        local block_size = operation == 6 and block_size_in(tvb)
        with_packet(pinfo, operation, number_at(tvb, 2, 2), data, block_size)
    end
    show_whole(pinfo, tree)
    return read
end

-- Wireshark's dissector of 3.6 refuses conversations of another. There, what it has shown is
-- looked at behind it, which costs a little for every packet. A first pass may show nothing, where
-- nobody asked for trees: so every pass counts.
local function look_behind()
    local names = { "opcode", "block", "option.name", "option.value" }
    local fields = { data = Field.new("data.data") }
    for _, name in ipairs(names) do fields[name] = Field.new("tftp." .. name) end
    local function value_of(name)
        local info = fields[name]()
        return info and info.value
    end
    local function block_size()
        local found, values = { fields["option.name"]() }, { fields["option.value"]() }
        for i, info in ipairs(found) do
            if tostring(info.value):lower() == "blksize" and values[i] then
                return tonumber(tostring(values[i].value))
            end
        end
    end
    return function(frame, pinfo, tree)
        local operation = itl.prefs.tftp and value_of("opcode")
        if operation then
            local data = operation == 3 and value_of("data")
            if not files[pinfo.number] and frame:len() >= frame:reported_len() then
                with_packet(pinfo, operation, value_of("block"), data and data:raw() or "",
                    operation == 6 and block_size())
            end
            show_whole(pinfo, tree)
        end
        shown = false
    end
end

local function register_tftp()
    itl:register_heuristic("tftp", heuristic("TFTP", function() shown = true end))
    local major = tonumber((get_version() or ""):match("^%d+")) or 0
    if major >= 4 then
        tftp_files.dissector = take_along
        DissectorTable.get("udp.port"):add(69, tftp_files)
    else
        tftp_files.dissector = look_behind()
        register_postdissector(tftp_files)
    end
end

-- Registration --------------------------------------------------------------------------------

function capf.init()
    forget()
    forget_files()
end

local tls = Dissector.get("tls")
local tls_ports, tcp_ports = DissectorTable.get("tls.port"), DissectorTable.get("tcp.port")
local taken = {} -- by protocol and port: who had the TCP port before

local function ports_in(range)
    local ports = {}
    for first, last in tostring(range):gmatch("(%d+)%s*%-?%s*(%d*)") do
        local from, to = tonumber(first), tonumber(last) or tonumber(first)
        for port = from, math.min(to, 65535) do ports[#ports + 1] = port end
    end
    return ports
end

-- Ports are taken one by one, by add: set would take TLS away from all others.
local function take(proto, range)
    local before = {}
    for _, port in ipairs(ports_in(range)) do
        before[port] = tcp_ports:get_dissector(port) or false
        tls_ports:add(port, proto)
        if tostring(before[port]) ~= tostring(tls) then tcp_ports:add(port, tls) end
    end
    taken[proto.name] = before
end

local function give_back(proto)
    for port, before in pairs(taken[proto.name] or {}) do
        tls_ports:remove(port, proto)
        if tostring(before) ~= tostring(tls) then
            tcp_ports:remove(port, tls)
            if before then tcp_ports:add(port, before) end
        end
    end
end

local function follow(proto)
    local now = tostring(proto.prefs.ports)
    take(proto, now)
    function proto.prefs_changed()
        local wished = tostring(proto.prefs.ports)
        if wished == now then return end
        give_back(proto)
        take(proto, wished)
        now = wished
    end
    tls_ports:add_for_decode_as(proto)
    tcp_ports:add_for_decode_as(proto)
end

follow(capf)
follow(tvs)

if media then register_http() end
itl:register_heuristic("http", heuristic("HTTP"))
if tftp then register_tftp() end

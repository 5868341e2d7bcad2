-- What every Lua from 5.1 to 5.4 has, and what Wireshark adds.
std = "min"
max_line_length = 100
read_globals = {
    "ByteArray", "Dissector", "DissectorTable", "ENC_UTF_8", "Field", "NSTime", "Pref", "Proto",
    "ProtoExpert", "ProtoField", "base", "dissect_tcp_pdus", "expert", "frametype",
    "get_version", "register_postdissector", "set_plugin_info",
}

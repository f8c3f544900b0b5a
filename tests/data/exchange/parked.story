### an admission that comes before its elder is kept, and goes on by itself
hl7 M1 A01
  EVN|A01|20260301090000
  PID|1||P1^^^H1^PI~310199194002030026^^^GB11643^NI||LI^SHI||19400203|F
  PV1|1|I|W3^305^12||||D001^A||||||||||||V1^^^H1^VN|||||||||||||||||||||||||20260301090000
=> MSA|AA
hl7 M2 A03
  EVN|A03|20260302090000
  PID|1||P9^^^H1^PI||WANG
  PV1|1|I|||||||||||||||||V9^^^H1^VN||||||||||||||||||||||||||20260302090000
=> MSA|AE
=> v2.kept
state health/H1/M2 parked map.unknown-elder
again
desk GET /messages/health/H1/M2
=> "owner":"civil-affairs"
=> "expression":"v2.PID.3
=> "zh":"未查询到该人员信息，请先报送老人基本信息"
=> "severity":"error"
=> Patient|https://heyi.example/fhir/id/hospital/patient|H1-P9
hl7 M3 A01
  EVN|A01|20260301100000
  PID|1||P9^^^H1^PI~310199194002030042^^^GB11643^NI||WANG^WU||19400203|M
  PV1|1|I|W3^305^13||||D001^A||||||||||||V9^^^H1^VN|||||||||||||||||||||||||20260301100000
=> MSA|AA
state health/H1/M2 done
is Encounter?identifier=H1-V9 status finished
count Provenance 3
desk GET /messages/health/H1/M2
=> "state":"parked"
=> "runs":1
=> MSA|AE
=> Encounter/
=> "agreement":"row"
=> ! "parked":{

### what several wait for goes on in the order in which it had come
hl7 N1 A01
  EVN|A01|20260301090000
  PID|1||P7^^^H1^PI||LI
  PV1|1|I|W3^305^12||||||||||||||||V7^^^H1^VN|||||||||||||||||||||||||20260301090000
=> v2.kept
clock 1000
hl7 N2 A08
  EVN|A08|20260301090000
  PID|1||P7^^^H1^PI||LI
  PV1|1|I|W4^401^1||||||||||||||||V7^^^H1^VN
=> v2.kept
clock 1000
hl7 N3 A03
  EVN|A03|20260303090000
  PID|1||P7^^^H1^PI||LI
  PV1|1|I|||||||||||||||||V7^^^H1^VN||||||||||||||||||||||||||20260303090000
=> v2.kept
put Patient {"resourceType":"Patient","id":"late","identifier":[{"system":"https://heyi.example/fhir/id/hospital/patient","value":"H1-P7"}]}
state health/H1/N1 done
state health/H1/N2 done
state health/H1/N3 done
is Encounter?identifier=H1-V7 status finished
is Encounter?identifier=H1-V7 location[0].location.display W4-401-1
is Encounter?identifier=H1-V7 meta.versionId 3

### what was parked before the end goes on after the start
hl7 R1 A08
  EVN|A08|20260301090000
  PID|1||P5^^^H1^PI||LI
  PV1|1|I
=> v2.kept
restart
put Patient {"resourceType":"Patient","id":"later","identifier":[{"system":"https://heyi.example/fhir/id/hospital/patient","value":"H1-P5"}]}
state health/H1/R1 done

### a code without a row is kept for the hub to mend
civil ELDER E1 {"id":1,"name":"李示例","gender":"2","idCardNo":"310199194002030026"}
=> "code":0
hl7 U1 A01
  EVN|A01|20260301090000
  PID|1||P1^^^H1^PI~310199194002030026^^^GB11643^NI||LI^SHI||19400203|F
  PV1|1|Z|W3^305^12||||||||||||||||V1^^^H1^VN|||||||||||||||||||||||||20260301090000
=> v2.kept
state health/H1/U1 parked map.unmapped-code
desk GET /messages/health/H1/U1
=> "owner":"hub"
=> "expression":"v2.PV1.2"
count Encounter 0
desk POST /messages/replay {"state":"parked","dry_run":true}
=> "after":"parked"
=> "rule":"map.unmapped-code"

### a referral's end told before its beginning
civil ELDER E1 {"id":1,"name":"李示例","gender":"2","idCardNo":"310199194002030026"}
put Contract {"resourceType":"Contract","id":"c1","status":"executed","subject":[{"reference":"Organization/o1"},{"reference":"Organization/o2"}]}
put Organization {"resourceType":"Organization","id":"o1","name":"A","identifier":[{"system":"https://heyi.example/fhir/id/uscc","value":"52310199MJ00000016"}]}
put Organization {"resourceType":"Organization","id":"o2","name":"B","identifier":[{"system":"https://heyi.example/fhir/id/uscc","value":"123101994250000771"}]}
civil BED_REFERRAL F2 {"refNo":"ZJ1","direction":"HOME_TO_HOSP","fromOrgUscc":"52310199MJ00000016","fromBedType":"care-home","toOrgUscc":"123101994250000771","toBedType":"hospital","elderIdCard":"310199194002030026","applyTime":"2026-03-02 08:00:00","status":"CANCELLED"}
=> "code":2
state civil-affairs/52310199MJ00000016/F2 parked exchange.unknown-referral
civil BED_REFERRAL F1 {"refNo":"ZJ1","direction":"HOME_TO_HOSP","fromOrgUscc":"52310199MJ00000016","fromBedType":"care-home","toOrgUscc":"123101994250000771","toBedType":"hospital","elderIdCard":"310199194002030026","applyTime":"2026-03-02 08:00:00","status":"REQUESTED"}
=> "code":0
state civil-affairs/52310199MJ00000016/F2 done
is Task?_id:missing=false status cancelled

### the same id for other content is refused, and alarmed once
civil ELDER E1 {"id":1,"name":"李示例","gender":"2","idCardNo":"310199194002030026"}
civil ELDER E1 {"id":1,"name":"王示例","gender":"2","idCardNo":"310199194002030026"}
=> "rule":"exchange.other-content"
civil ELDER E1 {"id":1,"name":"张示例","gender":"2","idCardNo":"310199194002030026"}
=> exchange.other-content
desk GET /alarms
=> "key":"other-content/civil-affairs/52310199MJ00000016"
=> "count":2
restart
desk GET /alarms
=> "count":2
desk POST /alarms/resolve {"key":"other-content/civil-affairs/52310199MJ00000016"}
=> {"alarms":[]}

### a message that is done writes only what differs, its effect is not run again
civil ELDER E1 {"id":1,"name":"李示例","gender":"2","idCardNo":"310199194002030026","phone":"021-1"}
desk POST /messages/replay {"keys":["civil-affairs/52310199MJ00000016/E1"]}
=> "before":"done","after":"done","issues":[],"outputs":[]
is Patient?identifier=310199194002030026 meta.versionId 1
count Provenance 1
put Patient {"resourceType":"Patient","id":"02815025-d3ec-58b4-a140-3fb45d0e776f","identifier":[{"system":"urn:oid:2.16.156.10011.1.3","value":"310199194002030026"}],"telecom":[{"system":"phone","value":"021-9"}]}
desk POST /messages/replay {"keys":["civil-affairs/52310199MJ00000016/E1"],"dry_run":true}
=> "path":"telecom[0].value","old":"021-9","new":"021-1"
is Patient?identifier=310199194002030026 telecom[0].value 021-9
desk POST /messages/replay {"keys":["civil-affairs/52310199MJ00000016/E1"]}
=> "outputs":["Patient/
is Patient?identifier=310199194002030026 telecom[0].value 021-1
is Patient?identifier=310199194002030026 meta.versionId 3
count Provenance 2
desk GET /messages/civil-affairs/52310199MJ00000016/E1
=> "runs":2
clock 1000
civil ELDER E2 {"id":1,"name":"李示例","gender":"2","idCardNo":"310199194002030026","phone":"021-2"}
desk POST /messages/replay {"keys":["civil-affairs/52310199MJ00000016/E1"]}
=> "outputs":[]
is Patient?identifier=310199194002030026 telecom[0].value 021-2
desk POST /messages/replay {"keys":["civil-affairs/x/y"]}
=> error exchange.unknown-message
desk POST /messages/replay {"state":"done"}
=> error exchange.order
desk POST /messages/replay {"limit":100000,"state":"parked"}
=> error exchange.order
desk DELETE /messages/replay
=> error exchange.desk-method

### a refused message that is replayed after what was wrong has been mended
put Organization {"resourceType":"Organization","id":"o1","name":"A","identifier":[{"system":"https://heyi.example/fhir/id/uscc","value":"52310199MJ00000016"}]}
put Organization {"resourceType":"Organization","id":"o2","name":"B","identifier":[{"system":"https://heyi.example/fhir/id/uscc","value":"123101994250000771"}]}
civil ELDER E1 {"id":1,"name":"李示例","gender":"2","idCardNo":"310199194002030026"}
civil BED_REFERRAL F1 {"refNo":"ZJ1","direction":"HOME_TO_HOSP","fromOrgUscc":"52310199MJ00000016","fromBedType":"care-home","toOrgUscc":"123101994250000771","toBedType":"hospital","elderIdCard":"310199194002030026","applyTime":"2026-03-02 08:00:00","status":"REQUESTED"}
=> care.no-agreement
state civil-affairs/52310199MJ00000016/F1 refused care.no-agreement
put Contract {"resourceType":"Contract","id":"c1","status":"executed","subject":[{"reference":"Organization/o1"},{"reference":"Organization/o2"}]}
desk POST /messages/replay {"state":"refused","type":"BED_REFERRAL","limit":5,"dry_run":true}
=> "before":"refused","after":"done"
=> "resource":"Task/
count Task 0
desk POST /messages/replay {"state":"refused","type":"BED_REFERRAL","limit":5}
state civil-affairs/52310199MJ00000016/F1 done
count Task 1
desk POST /messages/replay {"keys":["civil-affairs/52310199MJ00000016/F1"]}
=> "after":"done","issues":[],"outputs":[]
count Task 1
again

### searches
civil ELDER E1 {"id":1,"name":"李示例","gender":"2","idCardNo":"310199194002030026"}
clock 86400000
hl7 S1 A01
  EVN|A01|20260301090000
  PID|1||P1^^^H1^PI~310199194002030026^^^GB11643^NI||LI^SHI||19400203|F
  PV1|1|I|W3^305^12||||||||||||||||V1^^^H1^VN|||||||||||||||||||||||||20260301090000
hl7 S2 A08
  EVN|A08|20260301090000
  PID|1||P8^^^H1^PI||LI
  PV1|1|I
desk GET /messages
=> S2
=> S1
=> E1
desk GET /messages?state=parked
=> S2
=> ! S1
desk GET /messages?state=done
=> S1
=> ! S2
desk GET /messages?department=health&sender=H1&type=ADT%5EA01
=> S1
=> ! S2
=> ! E1
desk GET /messages?to=2026-09-21
=> E1
=> ! S1
desk GET /messages?from=2026-09-22
=> S1
=> ! E1
desk GET /messages?from=yesterday
=> error exchange.query
desk GET /messages?after=q/parked/
=> error exchange.query
desk GET /messages?state=lost
=> error exchange.state

// This file is the schemas of Nuki's OpenAPI document 4.10.0 (api/openapi.yaml in
// nuki-io/go-nuki, under components/schemas): what is required there is required
// here, and of what is optional there are the fields that tell about codes.
//
// Its bounds are left out where practice breaks them: the highest type of an
// authorization is 2 there, while a keypad code is 13, and the lowest state of a
// log row is 1, while success is 0.

package conformance

// smartlock is Smartlock. serverState and adminPinState have bounds as well,
// which the cases look at.
var smartlock = schema{
	name: "Smartlock",
	required: fields{
		"smartlockId": int64s, "accountId": int32s, "type": int32s, "authId": int32s, "name": text,
		"favorite": truth, "serverState": int32s, "adminPinState": int32s,
	},
	optional: fields{
		"config": object, "state": object, "firmwareVersion": int32s, "hardwareVersion": int32s,
		"operationId": anything, "creationDate": instant, "updateDate": instant, "error": text,
	},
}

// smartlockConfig is Smartlock.Config.
var smartlockConfig = schema{
	name: "Smartlock.Config",
	required: fields{
		"name": text, "latitude": number, "longitude": number, "timezoneId": int32s, "timezoneOffset": int32s,
		"advertisingMode": int32s, "singleLock": truth,
	},
	optional: fields{
		"capabilities": int32s,
		"keypadPaired": truth, "keypad2Paired": truth, "fobPaired": truth, "operationId": anything,
	},
}

// smartlockState is Smartlock.State.
var smartlockState = schema{
	name: "Smartlock.State",
	required: fields{
		"mode": int32s, "state": int32s, "trigger": int32s, "lastAction": int32s, "batteryCritical": truth,
		"doorState": int32s, "ringToOpenTimer": int32s, "nightMode": truth,
	},
	optional: fields{
		"batteryCharging": truth, "batteryCharge": int32s, "keypadBatteryCritical": truth,
		"doorsensorBatteryCritical": truth, "operationId": anything,
	},
}

// smartlockAuth is SmartlockAuth. The document says of the id that it is a string;
// that it is 24 hex digits is in every sample. operationId is an object there and
// a string in practice.
var smartlockAuth = schema{
	name: "SmartlockAuth",
	required: fields{
		"id": hex24, "smartlockId": int64s, "type": int32s, "name": text, "enabled": truth,
		"remoteAllowed": truth, "lockCount": int32s,
	},
	optional: fields{
		"authId": int32s, "accountUserId": int32s, "code": int32s, "fingerprints": object,
		"allowedFromDate": instant, "allowedUntilDate": instant,
		"allowedWeekDays": int32s, "allowedFromTime": int32s, "allowedUntilTime": int32s,
		"lastActiveDate": instant, "creationDate": instant, "updateDate": instant,
		"operationId": anything, "error": text, "appId": int32s, "authTypeAsString": text,
	},
}

// smartlockLog is SmartlockLog.
var smartlockLog = schema{
	name: "SmartlockLog",
	required: fields{
		"id": text, "smartlockId": int64s, "deviceType": int32s, "name": text, "action": int32s,
		"trigger": int32s, "state": int32s, "autoUnlock": truth, "date": instant,
	},
	optional: fields{
		"accountUserId": int32s, "authId": hex24, "source": int32s, "openerLog": object,
		"ajarTimeout": int32s, "error": text,
	},
}

// decentralWebhook is DecentralWebhook; the id and the secret are the API's to give.
var decentralWebhook = schema{
	name:     "DecentralWebhook",
	required: fields{"webhookUrl": text, "webhookFeatures": anything},
	optional: fields{"id": int32s, "secret": text},
}

/* LuCI's forms as far as a view describes them: which sections and options there are. Nothing is stored. */

class Option {
	constructor(name, title) {
		Object.assign(this, { name, title, choices: [], enabled: '1', disabled: '0' });
	}
	value(value, text) {
		this.choices.push([value, text ?? value]);
	}
	depends(option, value) {
		this.needs = [option, value];
	}
	render() {
		const id = `option-${this.name}`;
		const kind = this.constructor.kind;
		const field = kind === 'select'
			? E('select', { id }, this.choices.map(([value, text]) => E('option', { value }, [text])))
			: E('input', { id, type: kind, placeholder: this.placeholder ?? '' });
		return E('div', { 'data-option': this.ucioption ?? this.name }, [E('label', { for: id }, [this.title]), field]);
	}
	static kind = 'text';
}

class Section {
	constructor(kind, title, description) {
		Object.assign(this, { kind, title, description, options: [] });
	}
	option(Kind, name, title) {
		const option = new Kind(name, title);
		this.options.push(option);
		return option;
	}
	render() {
		return E('fieldset', { 'data-section': this.kind }, [E('legend', {}, [this.title]), ...this.options.map(option => option.render())]);
	}
}

export const form = {
	Map: class {
		constructor(config, title, description) {
			Object.assign(this, { config, title, description, sections: [] });
		}
		section(Kind, kind, title, description) {
			const section = new Kind(kind, title, description);
			this.sections.push(section);
			return section;
		}
		async render() {
			return E('div', { class: 'cbi-map' }, [E('h2', {}, [this.title]), ...this.sections.map(section => section.render())]);
		}
	},
	TypedSection: Section,
	GridSection: class extends Section {},
	Value: Option,
	DynamicList: class extends Option {},
	ListValue: class extends Option { static kind = 'select'; },
	Flag: class extends Option { static kind = 'checkbox'; }
};

export const widgets = { ZoneSelect: class extends Option {} };
